/**
 * Kernel arguments that give up security, with what each gives up. Talos removes one of its own arguments for one with a dash before it.
 * It is an owner's right to do so; a preview says it, so that nobody copies it unawares.
 */
const weakening: readonly (readonly [RegExp, string])[] = [
  [/^mitigations=off$/, "no mitigations of CPU vulnerabilities"],
  [/^(nopti|pti=off|kpti=(0|off))$/, "kernel memory is mapped where Meltdown reads it"],
  [/^(nospectre_v[12]|nospectre_bhb|nospec_store_bypass_disable|ssbd=force-off)$/, "no mitigation of Spectre"],
  [
    /^(spectre_v2|spectre_v2_user|spectre_bhi|spec_store_bypass_disable|spec_rstack_overflow|retbleed|l1tf|mds|tsx_async_abort|srbds|mmio_stale_data|gather_data_sampling|reg_file_data_sampling|indirect_target_selection|tsa|vmscape)=off$/,
    "no mitigation of this CPU vulnerability",
  ],
  [/^(security=none|lsm=)$/, "no Linux security module"],
  [/^(selinux=0|-selinux(=.*)?|enforcing=0|apparmor=0)$/, "a Linux security module is off, or only warns"],
  [/^(module\.sig_enforce=(0|n|N|off)|-module\.sig_enforce(=.*)?)$/, "kernel modules without Talos's signature are loaded"],
  [/^(lockdown=none|-lockdown(=.*)?)$/, "the kernel is not locked down against its own root"],
  [/^(nokaslr|norandmaps|randomize_kstack_offset=(0|off))$/, "addresses in memory can be guessed"],
  [/^(nosmep|nosmap|noexec=off)$/, "a protection of the kernel's memory by the CPU is off"],
  [
    /^(init_on_alloc=0|init_on_free=0|-init_on_alloc(=.*)?|slab_merge)$/,
    "memory is handed on uncleared, or shared between kinds of objects",
  ],
  [/^(proc_mem\.force_override=(always|ptrace)|-proc_mem\.force_override(=.*)?)$/, "read-only memory of a process can be written"],
  [/^(intel_iommu|amd_iommu|iommu)=off$/, "devices reach all of the memory"],
  [/^vsyscall=(native|emulate|xonly)$/, "a fixed entry into the kernel that exploits use"],
  [/^audit=(0|off)$/, "the kernel keeps no audit log"],
];

/** What the kernel arguments of a schematic give up, one line each. */
export function weaknesses(kernelArguments: readonly string[]): string[] {
  return kernelArguments.flatMap((argument) =>
    weakening.filter(([form]) => form.test(argument)).map(([, givenUp]) => `${argument}: ${givenUp}`),
  );
}
