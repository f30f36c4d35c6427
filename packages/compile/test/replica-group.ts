/** One replica's view of a group, with what it was asked for. */
export interface GroupMember {
  readonly size: number;
  readonly mean: (arrays: readonly Float32Array[]) => Promise<void>;
  /** The lengths of the arrays of each call. */
  readonly calls: number[][];
}

/** Replicas in one process: a mean resolves when all have asked for it, and after `delay` milliseconds. */
export function replicaGroup(size: number, delay = 0): GroupMember[] {
  interface Meeting {
    readonly arrays: (readonly Float32Array[])[];
    readonly ended: Promise<void>;
    readonly end: () => void;
  }
  const meetings: Meeting[] = [];
  const meetingOf = (i: number): Meeting => {
    if (meetings[i] === undefined) {
      let end = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      meetings[i] = { arrays: [], ended, end };
    }
    return meetings[i]!;
  };
  return Array.from({ length: size }, () => {
    const calls: number[][] = [];
    return {
      size,
      calls,
      mean: async (arrays: readonly Float32Array[]) => {
        const meeting = meetingOf(calls.length);
        calls.push(arrays.map(({ length }) => length));
        meeting.arrays.push(arrays);
        if (meeting.arrays.length === size) {
          if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
          average(meeting.arrays);
          meeting.end();
        }
        await meeting.ended;
      },
    };
  });
}

function average(members: readonly (readonly Float32Array[])[]): void {
  const [first] = members;
  for (const [k, array] of first!.entries()) {
    for (let i = 0; i < array.length; i++) {
      const mean = members.reduce((sum, arrays) => sum + arrays[k]![i]!, 0) / members.length;
      for (const arrays of members) arrays[k]![i] = mean;
    }
  }
}
