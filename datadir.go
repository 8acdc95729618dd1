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

// takeDataDir makes sure that this is the only console on its data directory, and that a demo's data are
// never served as a real installation or the other way round.
func takeDataDir(cfg config.Config) (release func(), err error) {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(cfg.DataDir, "serve.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another console is running on the data directory %s; stop it, or set CONSOLE_DATA_DIR to another directory", cfg.DataDir), lock.Close())
	}
	if err := checkMark(cfg); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() {
		_ = syscall.Flock(int(lock.Fd()), syscall.LOCK_UN) // closing alone leaves it with a child that is just being started
		_ = lock.Close()
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
