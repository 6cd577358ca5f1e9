/** What a close code says, in words (RFC 6455, 7.4; IANA's registry; codes that servers commonly choose). */

const WORDS: Record<number, string> = {
  1000: "closed normally",
  1001: "the other side went away",
  1002: "protocol error",
  1003: "this kind of data is not accepted",
  1005: "closed without a code",
  1006: "the connection was lost",
  1007: "the data were not valid text",
  1008: "against the server's policy",
  1009: "the message was too big",
  1010: "an extension was missing",
  1011: "the server failed",
  1012: "the server restarts",
  1013: "try again later",
  1014: "a gateway got a bad answer",
  1015: "the secure connection failed",
  3000: "authentication refused",
  3003: "not allowed",
  3008: "timed out",
  4400: "bad request",
  4401: "authentication refused",
  4403: "not allowed",
  4404: "not found",
  4408: "timed out",
  4409: "conflict",
  4429: "too many messages",
  4500: "the server failed",
};

function range(code: number): string {
  if (code >= 4000 && code <= 4999) return "a code of this API's own";
  if (code >= 3000 && code <= 3999) return "a registered code of a library";
  return "a code without a known meaning";
}

/** `4401` → “authentication refused”. */
export function closeWords(code: number): string {
  return WORDS[code] ?? range(code);
}

/** Whether trying again could end otherwise. */
export function isWorthRetrying(code: number): boolean {
  return ![1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 4400, 4401, 4403, 4404].includes(code);
}
