import { AirfleetError } from "@airfleet/model";
import {
  type ApiRequest,
  type Deadline,
  type InstanceHttp,
  placedError,
  shownReason,
  type WireAnswer,
} from "@airfleet/http";
import { z } from "zod";
import { type GraphqlDocument, isMutation } from "../documents/document.ts";
import type { Problem } from "../documents/parts.ts";

/** Carries documents to one Dagster. */
export interface GraphqlClient {
  readonly http: InstanceHttp;
  /** The answer's `data`. @throws INSTANCE_REFUSED when Dagster says no, INSTANCE_ANSWER_INVALID when that is no Dagster */
  ask<Variables extends object, Data>(
    document: GraphqlDocument<Variables, Data>,
    variables: Variables,
    deadline: Deadline,
  ): Promise<Data>;
  /** The same with Dagster's clock when it answered, epoch milliseconds. */
  askDated<Variables extends object, Data>(
    document: GraphqlDocument<Variables, Data>,
    variables: Variables,
    deadline: Deadline,
  ): Promise<{ readonly data: Data; readonly answeredAt: number | null }>;
  /** The error for a member of a union that is none of what was hoped for. */
  refusal(document: { readonly name: string }, problem: Problem, status?: number): AirfleetError;
}

const Envelope = z.object({
  data: z.unknown(),
  errors: z.array(z.object({ message: z.string() })).nullish(),
});
type Envelope = z.infer<typeof Envelope>;

const LONGEST = 500;

/** The answer as GraphQL, whatever its status; null when it is something else. */
const readEnvelope = ({ bytes }: Pick<WireAnswer, "bytes">): Envelope | null => {
  try {
    const parsed = Envelope.safeParse(JSON.parse(bytes.toString("utf8")));
    const isGraphql = parsed.success && (parsed.data.data !== undefined || (parsed.data.errors?.length ?? 0) > 0);
    return isGraphql ? parsed.data : null;
  } catch {
    return null;
  }
};

/** The first line, shortened: what follows is a Python stack with paths of the server. */
const firstLine = (text: string): string => (text.trim().split("\n")[0] ?? "").slice(0, LONGEST);

/**
 * Dagster answers 500 for what it has considered well: a `PythonError` at the top, or a variable of the wrong type.
 * So the body decides, whatever the status; only an answer that is no GraphQL speaks of trouble.
 */
export const createGraphqlClient = (http: InstanceHttp): GraphqlClient => {
  const { place } = http;
  const refused = (name: string, status: number, reason: string): AirfleetError =>
    placedError(place, "INSTANCE_REFUSED", {
      method: "POST",
      path: `/graphql (${name})`,
      status,
      reason: place.scrub(reason),
    });

  const askDated: GraphqlClient["askDated"] = async (document, variables, deadline) => {
    const request: ApiRequest = {
      method: "POST",
      root: "",
      path: { text: "/graphql", template: `/graphql#${document.name}` },
      body: { operationName: document.name, query: document.text, variables },
      repeatable: !isMutation(document),
      passes: [400, 500],
      isConsidered: (answer) => readEnvelope(answer) !== null,
    };
    const answer = await http.call(request, deadline);
    const envelope = readEnvelope(answer);
    if (envelope === null) {
      const said = shownReason(answer, place.scrub);
      if (answer.status >= 400) throw refused(document.name, answer.status, said === "" ? "no reason given" : said);
      throw placedError(
        place,
        "INSTANCE_ANSWER_INVALID",
        { url: place.url, reason: said.startsWith("an HTML page") ? said : "it is no GraphQL answer" },
        { request },
      );
    }
    const [error] = envelope.errors ?? [];
    if (error !== undefined) throw refused(document.name, answer.status, firstLine(error.message));
    const parsed = document.data.safeParse(envelope.data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const reason = place.scrub(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unexpected"}`);
      throw placedError(place, "INSTANCE_ANSWER_INVALID", { url: place.url, reason }, { request });
    }
    const answeredAt = Date.parse(answer.headers.date ?? "");
    return { data: parsed.data, answeredAt: Number.isNaN(answeredAt) ? null : answeredAt };
  };

  return {
    http,
    askDated,
    ask: async (document, variables, deadline) => (await askDated(document, variables, deadline)).data,
    refusal: ({ name }, { __typename, message, className }, status = 200) => {
      if (__typename === "UnauthorizedError") {
        return placedError(place, "INSTANCE_FORBIDDEN", { method: "POST", path: `/graphql (${name})`, status: 403 });
      }
      const said = [className, firstLine(message ?? "")].filter((part) => (part ?? "") !== "").join(": ");
      return refused(name, status, said === "" ? __typename : said);
    },
  };
};
