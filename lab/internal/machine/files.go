package machine

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const bootIDPath = "/proc/sys/kernel/random/boot_id"

// Read sends a file: the boot ID, and what is on the node's partitions.
func (s *server) Read(in *machine.ReadRequest, stream machine.MachineService_ReadServer) error {
	if path.Clean(in.GetPath()) == bootIDPath {
		return sendAll(bytes.NewBufferString(s.id+"\n"), stream.Send)
	}

	root, name, err := s.openRoot(in.GetPath())
	if err != nil {
		return err
	}
	defer root.Close()

	file, err := root.Open(name)
	if err != nil {
		return notFound(in.GetPath(), err)
	}
	defer file.Close()

	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, errors.New("path must be a regular file"))
	}

	return sendAll(io.Reader(file), stream.Send)
}

// List sends what a folder holds, itself first.
func (s *server) List(in *machine.ListRequest, stream machine.MachineService_ListServer) error {
	wanted := path.Clean("/" + in.GetRoot())

	root, name, err := s.openRoot(wanted)
	if err != nil {
		return err
	}
	defer root.Close()

	depth := 1
	if in.GetRecurse() {
		depth = int(in.GetRecursionDepth())
	}

	err = fs.WalkDir(root.FS(), name, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		relative := strings.TrimPrefix(strings.TrimPrefix(at, name), "/")
		if at == name {
			relative = "."
		}

		level := 0
		if relative != "." {
			level = strings.Count(relative, "/") + 1
		}

		info, err := entry.Info()
		if err != nil {
			return err
		}

		if listed(in.GetTypes(), info) {
			if err := stream.Send(fileInfo(path.Join(wanted, relative), relative, info)); err != nil {
				return err
			}
		}

		if entry.IsDir() && depth > 0 && level >= depth {
			return fs.SkipDir
		}

		return nil
	})

	return notFound(wanted, err)
}

func fileInfo(name, relative string, info fs.FileInfo) *machine.FileInfo {
	return &machine.FileInfo{
		Name:         name,
		RelativeName: relative,
		Size:         info.Size(),
		Mode:         uint32(info.Mode()),
		Modified:     info.ModTime().Truncate(time.Second).Unix(),
		IsDir:        info.IsDir(),
	}
}

func listed(types []machine.ListRequest_Type, info fs.FileInfo) bool {
	if len(types) == 0 {
		return true
	}

	for _, t := range types {
		if t == machine.ListRequest_REGULAR && info.Mode().IsRegular() || t == machine.ListRequest_DIRECTORY && info.IsDir() {
			return true
		}
	}

	return false
}

// openRoot finds the partition that a path is on. A root does not let a path out of it.
func (s *server) openRoot(name string) (*os.Root, string, error) {
	name = path.Clean("/" + name)

	for mounted, dir := range map[string]string{"/var": s.disk.Ephemeral(), "/system/state": s.disk.State()} {
		if name != mounted && !strings.HasPrefix(name, mounted+"/") {
			continue
		}

		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, "", notFound(name, err)
		}

		return root, path.Clean("." + strings.TrimPrefix(name, mounted)), nil
	}

	return nil, "", status.Errorf(codes.NotFound, "lstat %s: no such file or directory", name)
}

// notFound names the path as the client does, not as the lab keeps it.
func notFound(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return status.Errorf(codes.NotFound, "lstat %s: no such file or directory", name)
	}

	return err
}
