import { AirfleetError, isAirfleetError } from "@airfleet/model";
import type { FastifyRequest } from "fastify";

/** Bodies larger than this are refused: no route of ours has a use for more. */
export const BODY_LIMIT_BYTES = 1_048_576;

const propertyOf = (error: unknown, name: "code" | "statusCode"): unknown =>
  typeof error === "object" && error !== null && name in error ? (error as Record<string, unknown>)[name] : undefined;

const UNPARSABLE = "it cannot be parsed, or has a key __proto__ or constructor.prototype";

/** Any thrown value as one of our coded errors; what is not known becomes INTERNAL with the value as its cause. */
export const toCodedError = (error: unknown, request: FastifyRequest): AirfleetError => {
  if (isAirfleetError(error)) return error;
  const options = { cause: error };
  switch (propertyOf(error, "code")) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new AirfleetError("BODY_TOO_LARGE", { limit_bytes: BODY_LIMIT_BYTES }, options);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new AirfleetError(
        "MEDIA_TYPE_UNSUPPORTED",
        { content_type: JSON.stringify(request.headers["content-type"] ?? "") },
        options,
      );
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new AirfleetError("BODY_UNREADABLE", { reason: "its length is not Content-Length" }, options);
    case "FST_ERR_BAD_URL":
      return new AirfleetError("REQUEST_INVALID", { summary: "the path is not valid percent-encoding" }, options);
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return new AirfleetError("BODY_UNREADABLE", { reason: UNPARSABLE }, options);
    default:
      // What secure-json-parse throws for broken text and for __proto__ keys carries a status and no code.
      return propertyOf(error, "statusCode") === 400
        ? new AirfleetError("BODY_UNREADABLE", { reason: UNPARSABLE }, options)
        : new AirfleetError("INTERNAL", { request_id: request.id }, options);
  }
};
