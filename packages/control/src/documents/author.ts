import type { DocumentAuthor } from "@airfleet/store";
import type { Actor } from "../actor.ts";

/** Who changes a document, as the audit trail names them. */
export const toAuthor = ({ id, sourceIp, requestId }: Actor): DocumentAuthor => ({ actor: id, sourceIp, requestId });
