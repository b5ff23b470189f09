import { z } from "zod";
import { defineRoute } from "../route.ts";
import { SessionCreate, SessionView } from "../schemas/session.ts";

const SESSION = "/api/v1/session";

export const getSession = defineRoute({
  id: "getSession",
  method: "GET",
  path: SESSION,
  area: "Tokens",
  summary: "Who the caller is and what it may do",
  description: "Answers callers without credentials too: whether signing in is needed at all.",
  permission: "public",
  response: SessionView,
  errors: [],
});

export const createSession = defineRoute({
  id: "createSession",
  method: "POST",
  path: SESSION,
  area: "Tokens",
  summary: "Turn an API token into a session cookie, for browsers",
  description:
    "The cookie is HttpOnly and SameSite=Strict, holds the token encrypted, and is good for twelve hours or as long as the token. Requests that it proves must come from our own pages.",
  permission: "public",
  body: SessionCreate,
  response: SessionView,
  status: 201,
  errors: [],
  example: { body: { token: "aft_…" } },
});

export const deleteSession = defineRoute({
  id: "deleteSession",
  method: "DELETE",
  path: SESSION,
  area: "Tokens",
  summary: "Sign out: takes the session cookie away; the token stays good",
  permission: "public",
  response: z.undefined(),
  status: 204,
  errors: [],
});
