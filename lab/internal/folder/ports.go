package folder

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"syscall"
)

// firstPort and portCount: below what the kernel gives to outgoing connections.
const (
	firstPort = 20000
	portCount = 10000
)

// Ports chooses where the factory and the chart repository listen, once in the life of a lab: the factory's name is part of the image names in
// the machines' configuration. The path of the folder decides where the search begins, so that labs side by side seldom meet.
func (m *Memory) Ports(f Folder) error {
	hash := fnv.New32a()
	hash.Write([]byte(f.Path))
	next := int(hash.Sum32() % portCount)

	for _, chosen := range []*string{&m.Factory, &m.Charts} {
		for tries := 0; *chosen == ""; tries++ {
			if tries == portCount {
				return fmt.Errorf("no free port on 127.0.0.1 from %d to %d", firstPort, firstPort+portCount-1)
			}

			if address := fmt.Sprintf("127.0.0.1:%d", firstPort+next); Free(address) == nil {
				*chosen = address
			}

			next = (next + 1) % portCount
		}
	}

	return nil
}

// Free says whether something could listen at the address.
func Free(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return InUse(address, err)
	}

	return listener.Close()
}

// InUse explains why nothing could listen at an address.
func InUse(address string, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}

	return fmt.Errorf("%s is in use by another program: end that one (`ss -ltnp` shows which, and it may be another lab), then try again", address)
}
