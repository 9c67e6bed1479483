import { AuthExpiredError, DesktopSessionExpiredError, RateLimitExceededError } from "@1password/sdk";
import { describe, expect, test } from "vitest";
import { onePassword, type Sdk } from "../../../sources/secrets/onepassword.ts";
import { StoreUnreachable } from "../../../sources/secrets/store.ts";

class DesktopAuth {
  accountName: string;
  constructor(accountName: string) {
    this.accountName = accountName;
  }
}
type Responses = Record<string, unknown>;

/** An SDK that records how it is called. */
function fake({ responses = {}, refuse, fail }: { responses?: Responses; refuse?: unknown; fail?: unknown } = {}) {
  const calls: { auth: unknown[]; references: string[][] } = { auth: [], references: [] };
  const sdk = {
    DesktopAuth,
    createClient: async ({ auth }: { auth: unknown }) => {
      calls.auth.push(auth);
      if (refuse) throw refuse;
      const resolveAll = async (references: string[]) => {
        calls.references.push(references);
        if (fail) throw fail;
        return { individualResponses: responses };
      };
      return { secrets: { resolveAll } };
    },
  } as unknown as Sdk;
  return { calls, sdk: async () => sdk };
}

const token = "ops_s3cr3t";
const content = (secret: string) => ({ content: { secret, itemId: "i", vaultId: "v" } });

test("all references go out in one call, by the service account's token", async () => {
  const { calls, sdk } = fake({ responses: { "op://a/b/c": content("one"), "op://a/b/d": content("two") } });
  const answers = await onePassword({ token, account: "family" }, sdk).resolveAll(["op://a/b/c", "op://a/b/d"]);
  expect(answers).toEqual(
    new Map([
      ["op://a/b/c", { value: "one" }],
      ["op://a/b/d", { value: "two" }],
    ]),
  );
  expect(calls).toEqual({ auth: [token], references: [["op://a/b/c", "op://a/b/d"]] });
});

test("without a token the app's account is used", async () => {
  const { calls, sdk } = fake();
  await onePassword({ account: "family" }, sdk).resolveAll([]);
  expect(calls.auth).toEqual([new DesktopAuth("family")]);
});

describe("a reference without a value is answered with a sentence", () => {
  test.each<[unknown, RegExp]>([
    [{ error: { type: "parsing", message: "s3cr3t" } }, /cannot read it as a reference/],
    [{ error: { type: "vaultNotFound" } }, /no such vault, or this account may not read it/],
    [{ error: { type: "tooManyVaults" } }, /several vaults have this name; write the vault's ID/],
    [{ error: { type: "itemNotFound" } }, /no such item/],
    [{ error: { type: "tooManyItems" } }, /several items/],
    [{ error: { type: "noMatchingSections" } }, /no such section/],
    [{ error: { type: "fieldNotFound" } }, /no such field/],
    [{ error: { type: "tooManyMatchingFields" } }, /several fields/],
    [{ error: { type: "unableToGenerateTotpCode" } }, /one-time password/],
    [{ error: { type: "unableToParsePrivateKey", message: "s3cr3t" } }, /SSH key/],
    [{ error: { type: "unsupportedFileFormat" } }, /not text/],
    [{ error: { type: "other", message: "s3cr3t" } }, /does not say why/],
    [{ error: { type: "of a later SDK" } }, /does not say why/],
    [content(""), /its value is empty/],
    [undefined, /gave no answer/],
  ])("%j", async (response, expected) => {
    const { sdk } = fake({ responses: { "op://a/b/c": response } });
    const answer = (await onePassword({ token }, sdk).resolveAll(["op://a/b/c"])).get("op://a/b/c");
    expect(answer).toEqual({ why: expect.stringMatching(expected) });
    expect(JSON.stringify(answer)).not.toContain("s3cr3t");
  });
});

describe("a store that cannot be asked is told apart", () => {
  test.each<[string, unknown, RegExp]>([
    ["the limit", new RateLimitExceededError("x"), /limit of reads is used up/],
    ["a locked app", new DesktopSessionExpiredError("x"), /app is locked: unlock it/],
    ["an old login", new AuthExpiredError("x"), /no longer takes this login/],
    [
      "a broken line",
      new Error(`error sending request with ${token}\nat some place`),
      /could not be asked: error sending request with …\.$/,
    ],
    ["a text that is thrown", "offline", /could not be asked: offline\.$/],
    ["nothing at all", new Error(""), /does not say why/],
  ])("%s", async (_, error, expected) => {
    for (const options of [{ refuse: error }, { fail: error }]) {
      const asked = onePassword({ token }, fake(options).sdk).resolveAll(["op://a/b/c"]);
      await expect(asked).rejects.toThrow(StoreUnreachable);
      await expect(asked).rejects.toThrow(expected);
    }
  });

  test("nobody's login", async () => {
    await expect(onePassword({}, fake().sdk).resolveAll(["op://a/b/c"])).rejects.toThrow(
      /set OP_SERVICE_ACCOUNT_TOKEN .* or secrets\.account/,
    );
  });

  test("a token that is none, by the real SDK, offline", async () => {
    const asked = onePassword({ token }).resolveAll(["op://a/b/c"]);
    await expect(asked).rejects.toThrow(StoreUnreachable);
    await expect(asked).rejects.toThrow(/invalid service account token/);
    await expect(asked).rejects.not.toThrow(token);
  });
});
