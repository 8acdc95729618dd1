package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// ErrExists says that a backup would overwrite a file.
var ErrExists = errors.New("the file exists already; a backup overwrites nothing")

// Backup writes a consistent copy of the database in the file from to the new file to, while others read and
// write it. The copy gets its name only when it is whole, checked, on the disk, and check has not refused it.
func Backup(ctx context.Context, from, to string, check func(ctx context.Context, file string) error) (err error) {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s: %w", to, ErrExists)
	}
	sweep(filepath.Dir(to))
	dir, err := os.MkdirTemp(filepath.Dir(to), unfinished) // readable by its owner only, as the copy in it
	if err != nil {
		return fmt.Errorf("make room for the backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	part := filepath.Join(dir, filepath.Base(to))
	if err := copyInto(ctx, from, part); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	if err := checkIntegrity(ctx, part); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	if err := check(ctx, part); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("write the copy to the disk: %w", err)
	}
	if err := os.Link(part, to); err != nil { // unlike a rename, it fails when somebody else made the file meanwhile
		return fmt.Errorf("name the backup: %w", err)
	}
	return syncFile(filepath.Dir(to))
}

// unfinished begins the name of a directory that holds a copy which is not finished.
const unfinished = ".cmpconsole-backup-"

// sweep takes away what backups left that were killed more than a day ago: nobody looks for copies there. What it cannot
// take away is no reason to make no backup.
func sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, unfinished+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && info.IsDir() && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(path)
		}
	}
}

func copyInto(ctx context.Context, from, to string) error {
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if _, err := os.Stat(from); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(from, "deferred", keptPragmas...)+"&mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	return err
}

func checkIntegrity(ctx context.Context, file string) error {
	db, err := OpenReadOnly(file)
	if err != nil {
		return err
	}
	defer db.Close()
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return errors.New(found)
	}
	return nil
}

// syncFile waits until a file or directory is on the disk.
func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
