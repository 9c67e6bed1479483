package commandprovider

import (
	"bufio"
	"fmt"
	"io"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// Logging says which of a command's streams are shown while it runs. Both, where it is not set.
type Logging string

// The values of Logging.
const (
	LogStdout          Logging = "stdout"
	LogStderr          Logging = "stderr"
	LogStdoutAndStderr Logging = "stdoutAndStderr"
	NoLogging          Logging = "none"
)

// Values names the values for the schema.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: "stdout", Value: LogStdout, Description: "Show what is written to standard output."},
		{Name: "stderr", Value: LogStderr, Description: "Show what is written to standard error."},
		{Name: "stdoutAndStderr", Value: LogStdoutAndStderr, Description: "Show both."},
		{Name: "none", Value: NoLogging, Description: "Show nothing."},
	}
}

func (l *Logging) shows(stream Logging) bool {
	return l == nil || *l == LogStdoutAndStderr || *l == stream
}

// lineLimit is where the official plugin stops reading, and the command then waits for ever.
const lineLimit = bufio.MaxScanTokenSize

// logLines hands each line to show, until the end.
func logLines(stream io.Reader, show func(line string)) error {
	lines := bufio.NewScanner(stream)
	for lines.Scan() {
		show(lines.Text())
	}

	if err := lines.Err(); err != nil {
		_, _ = io.Copy(io.Discard, stream) // the command has to be able to end

		return fmt.Errorf("a line of more than %d bytes was printed, at which the official plugin hangs: %w", lineLimit, err)
	}

	return nil
}
