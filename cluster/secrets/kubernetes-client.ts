import "reflect-metadata"; // the x509 library's dependency injection needs it to be there first
import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { KubernetesCredentials } from "../kubeconfig.ts";
import type { Bundle } from "./bundle.ts";

const minute = 60_000;
const lifetime = 15 * minute;
/** A node's clock may be behind. */
const skew = 60 * minute;

/** A client certificate of the Kubernetes API's administrator for the next quarter of an hour, made from the bundle alone. */
export async function mintKubernetesClient({ certs }: Pick<Bundle, "certs">, now = new Date()): Promise<KubernetesCredentials> {
  const issuer = new x509.X509Certificate(decode(certs.k8s.crt));
  const authority = createPrivateKey(decode(certs.k8s.key));
  const own = { name: "ECDSA", namedCurve: "P-256" };
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(own, true, ["sign", "verify"]);
  const signingAlgorithm = algorithmOf(authority);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: "O=system:masters, CN=phoebe",
      issuer: issuer.subjectName,
      serialNumber: `01${randomBytes(15).toString("hex")}`,
      notBefore: new Date(now.getTime() - skew),
      notAfter: new Date(now.getTime() + lifetime),
      publicKey,
      signingKey: await webcrypto.subtle.importKey("pkcs8", authority.export({ format: "der", type: "pkcs8" }), signingAlgorithm, false, [
        "sign",
      ]),
      signingAlgorithm,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ],
    },
    webcrypto as unknown as typeof globalThis.crypto,
  );
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY");
  return { caCertificate: certs.k8s.crt, clientCertificate: encode(certificate.toString("pem")), clientKey: encode(key) };
}

/** How a CA signs. Talos makes Kubernetes' with a key on P-256; one that was brought along may have RSA. */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const namedCurve = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" }[asymmetricKeyDetails?.namedCurve ?? ""];
  if (!namedCurve) throw new Error(`the Kubernetes CA's key is of a kind that is not signed with here (${asymmetricKeyType})`);
  return { name: "ECDSA", namedCurve, hash: "SHA-256" };
}

const decode = (base64: string) => Buffer.from(base64, "base64").toString("utf8");
const encode = (pem: string) => Buffer.from(pem).toString("base64");
