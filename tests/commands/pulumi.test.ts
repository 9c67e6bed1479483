import { afterEach, describe, expect, test, vi } from "vitest";
import { stackOf } from "../../commands/pulumi.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the stack that is meant", () => {
  test("is the named one, with its file in the project", async () => {
    vi.stubEnv("PULUMI_OPTION_STACK", undefined);
    vi.stubEnv("PULUMI_OPTION_CONFIG_FILE", undefined);
    expect(await stackOf("/project", "homelab")).toEqual({ name: "homelab", file: "Pulumi.homelab.yaml" });
  });

  test("is the lab's where its environment is set, with the file that the lab derived; another is still another", async () => {
    vi.stubEnv("PULUMI_OPTION_STACK", "lab");
    vi.stubEnv("PULUMI_OPTION_CONFIG_FILE", "/project/.lab/x/Pulumi.lab.yaml");
    expect(await stackOf("/project", undefined)).toEqual({ name: "lab", file: ".lab/x/Pulumi.lab.yaml" });
    expect(await stackOf("/project", "lab")).toEqual({ name: "lab", file: ".lab/x/Pulumi.lab.yaml" });
    expect(await stackOf("/project", "phoebe")).toEqual({ name: "phoebe", file: "Pulumi.phoebe.yaml" });
  });
});
