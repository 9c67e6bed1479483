import { execa } from "execa";
import { expect, test } from "vitest";
import { node, repository } from "./support/world.ts";

const guard = (words: string[], env: Record<string, string>) =>
  execa(node, ["operations/guard-destroy.ts", ...words], { cwd: repository, env, extendEnv: false, reject: false });

test("its delete passes where it was allowed, and there is nothing else that it does", async () => {
  const no = { CLUSTER_NAME: "phoebe", ALLOW_DESTROY: "false" };
  const yes = { ...no, ALLOW_DESTROY: "true" };
  expect(await guard([], yes)).toMatchObject({ exitCode: 2 });
  expect(await guard(["delete"], no)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /npx pulumi config set allowDestroy true && npm run up, .* npm run destroy\..*npm run up -- --target '\*\*guard-last-command'/,
    ),
  });
  expect(await guard(["delete"], yes)).toMatchObject({ exitCode: 0 });
});

test("--help names the variables; a wrong word and missing variables end with 2", async () => {
  expect(await guard(["--help"], {})).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("ALLOW_DESTROY  whether the cluster may be destroyed"),
  });
  expect(await guard(["remove"], {})).toMatchObject({ exitCode: 2 });
  expect(await guard(["delete"], {})).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/CLUSTER_NAME is not set.*\nALLOW_DESTROY is not set/),
  });
});
