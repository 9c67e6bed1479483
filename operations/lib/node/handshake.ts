import type { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { talosPort } from "../../../cluster/ports.ts";

/** How a Talos API answered a client that came with the given certificate, or with none. */
export type Handshake =
  /** It speaks to this client. */
  | { readonly answer: "welcome"; readonly certificate: X509Certificate }
  /** It ended the connection because of the client's certificate, or for want of one. */
  | { readonly answer: "refused"; readonly alert: string; readonly certificate: X509Certificate | undefined }
  /** It cannot be told: no answer, no TLS, a connection that was cut. */
  | { readonly answer: "none"; readonly reason: string };

/** An HTTP/2 client's first bytes, with empty settings: whoever accepts the client answers with its own settings. */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");

/** How long a machine may take, in milliseconds. */
const timeout = 5_000;

const certificateAlert = /CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED/;

/**
 * Speaks TLS until the first byte of the application: with TLS 1.3 a client is through with its handshake before the
 * server has looked at its certificate. Whose the server is, the caller judges by the certificate that comes back. Takes 5 s at the most.
 */
export function handshake(
  address: string,
  { cert, key, signal }: { cert?: string; key?: string; signal?: AbortSignal } = {},
): Promise<Handshake> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: talosPort, cert, key, ALPNProtocols: ["h2"], rejectUnauthorized: false });
    let certificate: X509Certificate | undefined;
    const end = (result: Handshake) => {
      signal?.removeEventListener("abort", onAbort);
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const onAbort = () => end({ answer: "none", reason: "interrupted" });
    const timer = setTimeout(() => end({ answer: "none", reason: `no answer within ${timeout / 1000} s` }), timeout);
    signal?.addEventListener("abort", onAbort, { once: true });

    socket.once("secureConnect", () => {
      certificate = socket.getPeerX509Certificate();
      socket.write(preface);
    });
    socket.once("data", () => end(certificate ? { answer: "welcome", certificate } : { answer: "none", reason: "no certificate" }));
    socket.once("close", () => end({ answer: "none", reason: "the connection was closed" }));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message;
      const refused = code.startsWith("ERR_SSL") && code.includes("ALERT") && certificateAlert.test(code);
      end(refused ? { answer: "refused", alert: code, certificate } : { answer: "none", reason: reasonOf(code) });
    });
  });
}

function reasonOf(code: string): string {
  const known: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection reset",
    EHOSTUNREACH: "host unreachable",
    ENETUNREACH: "network unreachable",
    ETIMEDOUT: "connection timed out",
    ERR_SSL_WRONG_VERSION_NUMBER: "what listens there does not speak TLS",
  };
  return known[code] ?? (code.startsWith("ERR_SSL") ? `the TLS handshake failed (${code})` : code);
}
