package kubernetesprovider

const victimVariable = "PHOEBE_VICTIM"

func victim() int { return 1 }
