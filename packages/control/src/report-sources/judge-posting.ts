import { AirfleetError } from "@airfleet/model";
import type { Clock } from "../clock.ts";
import { checkTree } from "../inbox/read-json.ts";
import { firstNamed, foreignTo, isFields, toItems } from "./read-posted.ts";
import type { NativePosting, OldPosting } from "./report-posting.ts";
import { takesUnsigned, type UsableSource } from "./usable-source.ts";
import { claimedInstance, verifyReportToken } from "./verify-report-token.ts";
import { verifySignature } from "./verify-signature.ts";

/** A post that is believed. */
interface Believed {
  readonly source: UsableSource;
  readonly isSigned: boolean;
}

/** Says who sent a post, or refuses it; what is refused is not read. The cause of a refusal is not for the sender. */
export interface PostingJudge {
  /** The instance that a post says it is of, before anything is proved. */
  named(posting: NativePosting): string | undefined;
  /** @throws {AirfleetError} as `SignedReports.receive` */
  native(posting: NativePosting): Promise<Believed & { readonly items: readonly unknown[] }>;
  /** @throws {AirfleetError} as `SignedReports.receiveOld` */
  old(posting: OldPosting): Promise<Believed & { readonly claims: unknown }>;
}

interface JudgePorts {
  /** A source that is in use. */
  readonly findSource: (instance: string) => UsableSource | undefined;
  readonly clock: Clock;
}

/** A token carries some two hundred characters of claims, and a signature of at most 700. */
const MOST_TOKEN_CHARACTERS = 8_192;

const NO_SOURCE = "there is no enabled report source of that name";

/** Told alike whether there is such an instance or not. */
const refuse = (
  code: "REPORT_SIGNATURE_INVALID" | "REPORT_UNSIGNED",
  instance: string | undefined,
  reason: string,
): AirfleetError => new AirfleetError(code, { instance: instance?.slice(0, 64) ?? "" }, { cause: new Error(reason) });

export const createPostingJudge = ({ findSource, clock }: JudgePorts): PostingJudge => {
  const find = (instance: string | undefined): UsableSource | undefined =>
    instance === undefined ? undefined : findSource(instance);

  const requireUnsigned = (instance: string | undefined): UsableSource => {
    const source = find(instance);
    if (source !== undefined && takesUnsigned(source.terms)) return source;
    throw refuse("REPORT_UNSIGNED", instance, source === undefined ? NO_SOURCE : "it has no signature");
  };

  const requireSource = (instance: string | undefined): UsableSource => {
    const source = find(instance);
    if (source !== undefined) return source;
    const reason = instance === undefined ? "it is no token that names an instance as its iss" : NO_SOURCE;
    throw refuse("REPORT_SIGNATURE_INVALID", instance, reason);
  };

  const checkToken = async ({ bytes }: NativePosting, token: string): Promise<UsableSource> => {
    if (token.length > MOST_TOKEN_CHARACTERS) {
      const reason = `it is longer than ${MOST_TOKEN_CHARACTERS} characters`;
      throw new AirfleetError("REPORT_TOKEN_INVALID", { reason });
    }
    const source = requireSource(claimedInstance(token));
    await verifyReportToken(source, token, bytes, clock.now());
    return source;
  };

  return {
    named: ({ token, body }) => (token === undefined ? firstNamed(body) : claimedInstance(token)),

    async native(posting) {
      const { token, body } = posting;
      const source = token === undefined ? requireUnsigned(firstNamed(body)) : await checkToken(posting, token);
      checkTree(body);
      const items = toItems(body);
      const foreign = items.map((item) => foreignTo(item, source.instance));
      const [first] = foreign;
      if (first !== undefined && !foreign.includes(undefined)) throw first;
      return { source, items, isSigned: token !== undefined };
    },

    async old({ body, instance, path }) {
      const payload = isFields(body) ? body["payload"] : undefined;
      if (typeof payload === "string") {
        const source = requireSource(instance);
        const claims = await verifySignature(source, payload, clock.now());
        checkTree(claims);
        return { source, claims, isSigned: true };
      }
      const source = requireUnsigned(instance);
      if (!isFields(payload)) {
        throw new AirfleetError("REPORT_FORMAT_UNKNOWN", { path, reason: 'the body has no "payload"' });
      }
      checkTree(payload);
      return { source, claims: payload, isSigned: false };
    },
  };
};
