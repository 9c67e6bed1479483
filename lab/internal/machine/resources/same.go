package resources

import (
	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/protobuf"
)

// same compares what clients would be shown. YAML sorts the keys of maps; the binary
// form does not.
func same(a, b resource.Resource) bool {
	left, errLeft := shown(a)
	right, errRight := shown(b)

	return errLeft == nil && errRight == nil && left == right
}

func shown(r resource.Resource) (string, error) {
	encoded, err := protobuf.FromResource(r)
	if err != nil {
		return "", err
	}

	message, err := encoded.Marshal()
	if err != nil {
		return "", err
	}

	return message.GetSpec().GetYamlSpec(), nil
}
