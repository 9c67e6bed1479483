package talosprovider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// factory is an Image Factory.
type factory struct{ url string }

// submit makes a schematic known and gives its ID.
func (f *factory) submit(ctx context.Context, schematic string) (string, error) {
	var answer struct {
		ID string `json:"id"`
	}

	err := f.do(ctx, http.MethodPost, strings.NewReader(schematic), &answer, "schematics")
	if err == nil && answer.ID == "" {
		err = fmt.Errorf("the Image Factory at %s answered without an ID", f.url)
	}

	return answer.ID, err
}

// get asks for a list.
func (f *factory) get(ctx context.Context, answer any, path ...string) error {
	return f.do(ctx, http.MethodGet, http.NoBody, answer, path...)
}

func (f *factory) do(ctx context.Context, method string, body io.Reader, answer any, path ...string) (err error) {
	base, err := url.Parse(f.url)
	if err != nil {
		return fmt.Errorf("imageFactoryUrl: %w", err)
	}

	address := base.JoinPath(path...).String()

	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return err
	}

	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/yaml")
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}

	defer func() { err = errors.Join(err, response.Body.Close()) }()

	if response.StatusCode >= http.StatusBadRequest {
		message, readErr := io.ReadAll(io.LimitReader(response.Body, longestMessage))

		return errors.Join(readErr, fmt.Errorf("%s %s: HTTP %d: %s",
			method, address, response.StatusCode, strings.TrimSpace(string(message))))
	}

	if err = json.NewDecoder(response.Body).Decode(answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, address, err)
	}

	return nil
}

// longestMessage is how much of a factory's error is shown.
const longestMessage = 8192
