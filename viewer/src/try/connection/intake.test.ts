import { describe, expect, it } from "vitest";

import { Intake } from "./Intake";

/** A page that draws when it is told to; each piece of work takes a millisecond. */
function setUp(): { intake: Intake; done: number[]; draw(): void; work(number: number): () => void } {
  const clock = { now: 0 };
  const waiting: (() => void)[] = [];
  const done: number[] = [];
  return {
    intake: new Intake({ now: () => clock.now, soon: (each) => void waiting.push(each) }),
    done,
    draw: () => waiting.splice(0).forEach((each) => each()),
    work: (number) => () => {
      clock.now++;
      done.push(number);
    },
  };
}

describe("an intake", () => {
  it("does a little each time the page draws, in order, and all of it", () => {
    const { intake, done, draw, work } = setUp();
    for (let index = 0; index < 20; index++) intake.later(work(index));
    expect(done).toEqual([]);
    draw();
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(20);
    for (let frame = 0; frame < 20; frame++) draw();
    expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it("does at once what nothing waits before, and otherwise in its turn", () => {
    const { intake, done, draw, work } = setUp();
    intake.inTurn(work(0));
    expect(done).toEqual([0]);
    intake.later(work(1));
    intake.inTurn(work(2));
    expect(done).toEqual([0]);
    draw();
    expect(done).toEqual([0, 1, 2]);
  });

  it("keeps no more waiting than its limits, in number and in characters, and loses none", () => {
    const { intake, done, draw, work } = setUp();
    for (let index = 0; index < 20_100; index++) intake.later(work(index));
    expect(done).toHaveLength(100);
    for (let index = 0; index < 3; index++) intake.later(work(index), 10_000_000);
    expect(done.length).toBeGreaterThanOrEqual(20_100);
    for (let frame = 0; frame < 20; frame++) draw();
    expect(done).toHaveLength(20_103);
  });

  it("goes on after work that fails", () => {
    const { intake, done, draw, work } = setUp();
    intake.later(() => {
      throw new Error("broken");
    });
    intake.later(work(1));
    expect(draw).toThrow("broken");
    draw();
    expect(done).toEqual([1]);
  });
});
