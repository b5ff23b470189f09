import type { z } from "zod";
import type { WireAnswer } from "../transport/transport.ts";
import { placedError } from "./call-place.ts";
import type { Deadline } from "./deadline.ts";
import { readRefusal, shownReason } from "./error-envelope.ts";
import type { ApiRequest, InstanceHttp } from "./instance-http.ts";

/** The body as JSON, of no known shape. @throws the place's `answerInvalid` */
export const parseJsonAnswer = (http: InstanceHttp, request: ApiRequest, answer: WireAnswer): unknown => {
  try {
    return JSON.parse(answer.bytes.toString("utf8"));
  } catch {
    const { scrub } = http.place;
    const shown = readRefusal(answer).isHtml
      ? shownReason(answer, scrub)
      : `${answer.bytes.length} bytes that are no complete JSON`;
    throw placedError(http.place, http.place.codes.answerInvalid, { url: http.place.url, reason: shown }, { request });
  }
};

/** The body in the shape that we need. @throws the place's `answerInvalid` naming the first field that does not fit */
export const parseAnswer = <Shape>(
  http: InstanceHttp,
  request: ApiRequest,
  answer: WireAnswer,
  shape: z.ZodType<Shape>,
): Shape => {
  const parsed = shape.safeParse(parseJsonAnswer(http, request, answer));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const reason = http.place.scrub(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unexpected"}`);
  throw placedError(http.place, http.place.codes.answerInvalid, { url: http.place.url, reason }, { request });
};

/** Calls and parses. */
export const callFor = async <Shape>(
  http: InstanceHttp,
  request: ApiRequest,
  deadline: Deadline,
  shape: z.ZodType<Shape>,
): Promise<Shape> => parseAnswer(http, request, await http.call(request, deadline), shape);
