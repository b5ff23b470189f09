import { z } from "zod";

/** Algorithms by which reports and triggers may be signed. Which one a key is for is fixed by our configuration, never by what is signed. */
export const SIGNATURE_ALGORITHMS = ["RS256", "ES256", "EdDSA", "HS256", "HS512"] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

const Zoned = z.iso.datetime({ offset: true });
const KeyId = z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/, 'letters, digits, "_", "." and "-", at most 100');
const validity = { not_before: Zoned.optional(), not_after: Zoned.optional() };

/** A key that signatures are checked with. */
export const VerificationKey = z.discriminatedUnion("type", [
  /** Of a pair; the private half stays with the sender. */
  z.strictObject({
    type: z.literal("public"),
    key_id: KeyId,
    algorithm: z.enum(["RS256", "ES256", "EdDSA"]),
    /** PEM: SubjectPublicKeyInfo. */
    public_key: z.string().min(1).max(20_000),
    ...validity,
  }),
  /** Shared with the sender. Kept encrypted and never shown. */
  z.strictObject({
    type: z.literal("secret"),
    key_id: KeyId,
    algorithm: z.enum(["HS256", "HS512"]),
    /** Base64url; absent when the present one stays. */
    secret: z.string().min(1).max(2_000).optional(),
    ...validity,
  }),
]);
export type VerificationKey = z.infer<typeof VerificationKey>;

const isTimeZone = (value: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
};

/**
 * How reports of one instance are believed. A source with keys accepts what they signed and nothing else; one without
 * accepts nothing, unless `unsigned` says so. Several keys may be valid at a time, so that they can be changed without
 * a gap. The document's id is the instance's.
 */
export const ReportSource = z.strictObject({
  /** `allow` is refused together with keys: a forger would simply not sign. */
  unsigned: z.enum(["refuse", "allow"]).default("refuse"),
  keys: z.array(VerificationKey).max(20).default([]),
  /** Keys that the sender publishes. */
  jwks: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      algorithms: z.array(z.enum(["RS256", "ES256", "EdDSA"])).min(1),
    })
    .optional(),
  /** Zone of dates that come without one, as the older formats have them. */
  time_zone: z.string().max(100).refine(isTimeZone, 'must be a name such as "Europe/Paris"').default("UTC"),
  /** Reports under a path that names no instance (`/satellite/v1/status`) are of this one. One source at most. */
  bare_paths: z.boolean().default(false),
  enabled: z.boolean().default(true),
});
export type ReportSource = z.infer<typeof ReportSource>;
export type ReportSourceInput = z.input<typeof ReportSource>;
