/** Which regular expressions of a document may run here: valid ones that cannot take for ever on a short text. */

const LONGEST = 500;

/** Whether a repetition stands inside another one, as in `(a+)+`: what makes matching take exponential time. */
function repeatsRepetition(pattern: string): boolean {
  const groups: { repeats: boolean; choices: boolean }[] = [{ repeats: false, choices: false }];
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at++;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (character === "(") groups.push({ repeats: false, choices: false });
    else if (character === "|") (groups.at(-1) as { choices: boolean }).choices = true;
    else if (character === ")") {
      const group = groups.length > 1 ? groups.pop() : undefined;
      const after = pattern.slice(at + 1);
      const repeated = /^[*+]|^\{\d+,\d*\}|^\{\d{2,}\}/.test(after);
      if (group !== undefined && repeated && (group.repeats || group.choices)) return true;
      const outer = groups.at(-1);
      if (outer !== undefined && group !== undefined) outer.repeats ||= group.repeats || repeated;
    } else if (/^[*+]|^\{\d+,\d*\}/.test(pattern.slice(at, at + 12))) (groups.at(-1) as { repeats: boolean }).repeats = true;
  }
  return false;
}

export function isSafePattern(pattern: string): boolean {
  if (pattern.length > LONGEST || repeatsRepetition(pattern)) return false;
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
}
