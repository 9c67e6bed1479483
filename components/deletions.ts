import * as pulumi from "@pulumi/pulumi";

const failed =
  "Something failed or was not begun, as is told beside it. Nothing was deleted, and no node that was taken out of the stack file was reset: " +
  "that waits for a run in which everything else succeeds. Mend what failed, then npm run up again.";

/**
 * Makes a run delete nothing unless everything else succeeded, which `made` is known by.
 *
 * With PULUMI_CONTINUE_ON_ERROR the engine (3.250) goes on to its deletions after a failure. It holds back what an update that failed depends on,
 * but not what a resource names that was skipped, nor anything for a create that failed. A node would then be reset although the one in its place
 * did not come, and a state in which something names what is gone is broken: the engine panics, its lock stays, and no run can use the stack.
 * A program that ends with an error is not asked for deletions. This is its last moment: nothing is under way any more, and its outputs are kept.
 */
export function deleteNothingUnless(made: pulumi.Output<unknown>): void {
  let known = pulumi.runtime.isDryRun(); // a preview makes nothing
  made.apply(() => {
    known = true;
  });
  process.once("beforeExit", () => {
    // Only the message is for people.
    if (!known) throw Object.assign(new pulumi.RunError(failed), { stack: undefined });
  });
}
