const connection =
  /rpc error: code = \w+ desc = connection error: desc = "transport: [^"]*?((?:connection|no route|network|i\/o|EOF)[^":]*)"/g;

/** What talosctl says of a call that failed, in the words that matter to a person: gRPC wraps them three times. */
export function plainly(problem: string): string {
  return problem
    .replace(connection, "$1")
    .replace(/rpc error: code = DeadlineExceeded desc = context deadline exceeded/g, "no answer in time")
    .replace(/rpc error: code = \w+ desc = (?=\S)/g, "");
}
