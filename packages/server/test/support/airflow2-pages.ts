import type { RunningAirflow } from "@airfleet/tools-engines";
import { expect } from "vitest";

/** What a browser has of a session of Airflow 2's own pages. */
export interface PageSession {
  readonly cookie: string;
  /** Goes with every form. */
  readonly csrf: string;
}

const cookies = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0] ?? "")
    .join("; ");

/** Signs in as a person does. */
export const signIn = async ({ url, username, password }: RunningAirflow): Promise<PageSession> => {
  const form = await fetch(`${url}/login/`);
  const csrf = /name="csrf_token"[^>]*value="([^"]+)"/.exec(await form.text())?.[1] ?? "";
  const signed = await fetch(`${url}/login/`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: cookies(form), "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrf_token: csrf, username, password }).toString(),
  });
  expect(signed.status).toBe(302);
  return { cookie: cookies(signed), csrf };
};

/** Presses a button of a page. */
export const sendForm = async (
  { url }: RunningAirflow,
  { cookie, csrf }: PageSession,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie, "content-type": "application/x-www-form-urlencoded", "x-csrftoken": csrf },
    body: new URLSearchParams({ csrf_token: csrf, ...fields }).toString(),
  });
