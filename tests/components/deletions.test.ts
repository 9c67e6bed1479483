import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { deleteNothingUnless } from "../../components/deletions.ts";

afterEach(() => vi.restoreAllMocks());

/** What a program does when nothing of it is under way any more. */
async function atItsEnd(made: pulumi.Output<unknown>): Promise<() => void> {
  let end = () => {};
  vi.spyOn(process, "once").mockImplementationOnce((_, listener) => {
    end = listener as () => void;
    return process;
  });
  deleteNothingUnless(made);
  await new Promise(setImmediate);
  return end;
}

test("a program of which something was not made ends with an error, and so is asked for no deletions", async () => {
  const never = pulumi.output(new Promise(() => {}));
  const end = await atItsEnd(never);
  expect(end).toThrow("Nothing was deleted, and no node that was taken out of the stack file was reset");
});

test("one of which all was made ends well", async () => {
  const end = await atItsEnd(pulumi.output(undefined));
  expect(end).not.toThrow();
});

test("a preview, which makes nothing, ends well", async () => {
  vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
  const end = await atItsEnd(pulumi.output(new Promise(() => {})));
  expect(end).not.toThrow();
});
