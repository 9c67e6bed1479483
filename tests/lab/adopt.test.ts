/** A cluster that was made without this project is taken over as it runs. */
import { expect, test } from "vitest";
import { declaredIn, install, keepSecrets, makeCluster } from "./harness/by-hand.ts";
import { nameOf } from "./harness/events.ts";
import { standing } from "./harness/standing.ts";
import { startLab } from "./harness/start.ts";

test("a cluster made by talosctl, with releases installed by Helm, is adopted without a reboot, a new PKI or a new revision", async () => {
  const lab = await startLab({
    name: "adopt",
    stack: "phoebe",
    set: {
      endpoint: "https://10.136.0.10:6443",
      nodes: [
        { hostname: "adopt-ctrl-01", role: "controlplane", address: "10.136.0.10", installDisk: "/dev/nvme0n1" },
        { hostname: "adopt-work-01", role: "worker", address: "10.136.0.11", installDisk: "/dev/nvme0n1" },
      ],
      adopt: ["kube-system/cilium", "kube-system/coredns", "flux-system/flux2"],
    },
  });
  const declared = declaredIn(lab);
  await makeCluster(lab, declared, await keepSecrets(lab, declared));
  await install(lab, declared);
  const before = await standing(lab);
  expect(before.releases).toHaveLength(3);

  const run = lab.begin("up");
  const result = await run.process;
  expect(result.exitCode, result.all).toBe(0);
  const steps = run.events.events.flatMap(({ resourcePreEvent: step }) =>
    step?.metadata.type === "kubernetes:helm.sh/v3:Release" ? [`${step.metadata.op} ${nameOf(step.metadata.urn)}`] : [],
  );
  expect(steps.filter((step) => !/^(import|same) /.test(step))).toEqual([]);
  expect(steps.filter((step) => step.startsWith("import "))).toHaveLength(3);
  expect(await standing(lab)).toEqual(before);

  // The list may stay in the stack file.
  expect(Object.keys(await lab.up())).toEqual(["same"]);

  // What the outputs let in is of the PKI that was there.
  await lab.writeCredentials();
  expect(await lab.output("kubectl", "get", "--raw", "/readyz")).toBe("ok");
  expect(await standing(lab)).toEqual(before);
});
