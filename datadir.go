package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"cmpconsole/internal/config"
)

// demoMark tells a data directory of the demo, whose users have a published password, from a real one.
const demoMark = "DEMO"

// takeDataDir makes sure that this is the only console on its data directory and on its database, and that a demo's
// data are never served as a real installation or the other way round. Release it after the database is closed.
func takeDataDir(cfg config.Config) (release func(), err error) {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	leave, err := lockFile(filepath.Join(cfg.DataDir, "serve.lock"))
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", cfg.DataDir, err)
	}
	if err := checkMark(cfg); err != nil {
		leave()
		return nil, err
	}
	// The database may be linked to from several directories.
	leaveDatabase, err := lockFile(cfg.Database())
	if err != nil {
		leave()
		return nil, fmt.Errorf("database %s: %w", cfg.Database(), err)
	}
	return func() { leaveDatabase(); leave() }, nil
}

var errTaken = errors.New("another console is running on it; stop that one, or set CONSOLE_DATA_DIR to another directory")

// lockFile locks a file, which is made when it is missing, until unlock is called or the process ends. SQLite's own
// locks are others and do not meet it.
func lockFile(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, errors.Join(errTaken, file.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return func() {
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN) // closing alone leaves it with a child that is just being started
		_ = file.Close()
	}, nil
}

func checkMark(cfg config.Config) error {
	mark := filepath.Join(cfg.DataDir, demoMark)
	marked, filled := exists(mark), exists(cfg.Database())
	switch {
	case marked && !cfg.Demo:
		return fmt.Errorf("the data directory %s belongs to the demo, whose users have a published password; set CONSOLE_DATA_DIR to another directory", cfg.DataDir)
	case filled && !marked && cfg.Demo:
		return fmt.Errorf("the data directory %s holds a real installation; start the demo with CONSOLE_DATA_DIR set to another directory", cfg.DataDir)
	case cfg.Demo && !marked:
		return os.WriteFile(mark, []byte("The users in this directory have a published password.\n"), 0o600)
	}
	return nil
}

// freeSpace is what is left for us on the disk of a directory, in bytes.
func freeSpace(dir string) (uint64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return fs.Bavail * uint64(fs.Bsize), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
