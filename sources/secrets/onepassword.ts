import type { Client, createClient, ResolveReferenceError } from "@1password/sdk";
import { DeclarationError } from "../../cluster/problems.ts";
import { type Answer, type SecretStore, StoreUnreachable } from "./store.ts";

/** How 1Password lets us in: by a service account's token, or by the app on this machine. */
export interface Account {
  /** The name of the account in the desktop app. */
  account?: string | undefined;
  /** OP_SERVICE_ACCOUNT_TOKEN. It goes before the app: it is what CI has. */
  token?: string | undefined;
}

/** The parts of the SDK that this project uses. Loading them takes a moment, so they are loaded only where they are needed. */
export type Sdk = Pick<typeof import("@1password/sdk"), "DesktopAuth"> & {
  createClient(config: Parameters<typeof createClient>[0]): Promise<Pick<Client, "secrets" | "items" | "vaults">>;
};
const load = async (): Promise<Sdk> => (await import("@1password/sdk")).default;

/** A client, or a StoreUnreachable that says what to do. */
export async function connect({ account, token }: Account, sdk: () => Promise<Sdk> = load): ReturnType<Sdk["createClient"]> {
  if (!token && !account) {
    throw new StoreUnreachable(
      "1Password lets nobody in without a name: set OP_SERVICE_ACCOUNT_TOKEN to a service account's token, or secrets.account in the " +
        "stack file to the account's name in the 1Password app.",
    );
  }
  const { createClient, DesktopAuth } = await sdk();
  const auth = token || new DesktopAuth(account as string);
  return reach({ account, token }, () => createClient({ auth, integrationName: "Talos cluster stack", integrationVersion: "1.0.0" }));
}

/** 1Password as a store. It is asked once, whatever the number of references. */
export function onePassword(account: Account, sdk?: () => Promise<Sdk>): SecretStore {
  return {
    async resolveAll(references) {
      const client = await connect(account, sdk);
      const { individualResponses } = await reach(account, () => client.secrets.resolveAll([...references]));
      return new Map(references.map((reference) => [reference, answerOf(individualResponses[reference])]));
    },
  };
}

type Response = Awaited<ReturnType<Client["secrets"]["resolveAll"]>>["individualResponses"][string];

function answerOf(response: Response | undefined): Answer {
  if (response?.content)
    return response.content.secret === "" ? { why: "its value is empty in 1Password" } : { value: response.content.secret };
  if (response?.error) return { why: reasons[response.error.type] ?? unknown };
  return { why: "1Password gave no answer to it" };
}

const unknown = "1Password could not read it, and does not say why";
const totp = "it asks for a one-time password, which its field does not make";
const sshKey = "it asks for an SSH key in a form that its field does not have";

/** Each refusal of the SDK as a sentence. Its own messages are left out: they may quote what was read. */
const reasons: Record<ResolveReferenceError["type"], string> = {
  parsing: "1Password cannot read it as a reference; the parts may hold letters, digits, spaces, - _ and . only, others are named by ID",
  vaultNotFound: "there is no such vault, or this account may not read it",
  tooManyVaults: "several vaults have this name; write the vault's ID",
  itemNotFound: "there is no such item in the vault",
  tooManyItems: "several items in the vault have this name; write the item's ID",
  noMatchingSections: "there is no such section in the item",
  fieldNotFound: "there is no such field in the item",
  tooManyMatchingFields: "several fields in the item have this name; name the section too, or write the field's ID",
  incompatibleTOTPQueryParameterField: totp,
  unableToGenerateTotpCode: totp,
  sSHKeyMetadataNotFound: sshKey,
  incompatibleSshKeyQueryParameterField: sshKey,
  unableToParsePrivateKey: sshKey,
  unableToFormatPrivateKeyToOpenSsh: sshKey,
  unsupportedFileFormat: "the file is not text",
  other: unknown,
};

/** Runs one call; a failure becomes a StoreUnreachable. */
export async function reach<T>({ token }: Account, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DeclarationError) throw error;
    throw new StoreUnreachable(refusal(error, token));
  }
}

/** The SDK types only some of its failures; all others are told by their first line, the token taken out. */
function refusal(error: unknown, token: string | undefined): string {
  switch (error instanceof Error ? error.constructor.name : "") {
    case "RateLimitExceededError":
      return "1Password's limit of reads is used up: wait until it is lifted, within a day.";
    case "DesktopSessionExpiredError":
      return "The 1Password app is locked: unlock it and try again.";
    case "AuthExpiredError":
      return "1Password no longer takes this login: log in again, or set OP_SERVICE_ACCOUNT_TOKEN to a new token.";
    default: {
      const [said = ""] = (error instanceof Error ? error.message : String(error)).trim().split("\n", 1);
      return `1Password could not be asked: ${(token ? said.replaceAll(token, "…") : said) || "it does not say why"}.`;
    }
  }
}
