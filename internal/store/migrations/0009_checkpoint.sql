-- +goose Up
-- Signed checkpoints of the audit log, and the hashes of whole blocks of 256 rows of its Merkle tree, so that the
-- next root needs few rows. Anchors outside the database hold the same notes.
CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
) STRICT;
CREATE TABLE audit_block (
    n    INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
) STRICT;
