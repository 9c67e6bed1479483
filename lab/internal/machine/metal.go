package machine

// metal is the platform mode that configs are validated for.
type metal struct{ installed bool }

func (metal) String() string { return "metal" }

func (m metal) RequiresInstall() bool { return !m.installed }

func (metal) InContainer() bool { return false }
