namespace Tars.Evolution.Trials;

/// <summary>Finds the least that two lists of outputs do not have in common (Myers, 1986).</summary>
internal static class OutputDiff
{
    /// <summary>The differences in order. When there are too many to be looked for, all behind the common beginning
    /// and before the common end count as different.</summary>
    public static List<TrialDifference> Of(IReadOnlyList<TrialOutput> old, IReadOnlyList<TrialOutput> now)
    {
        int start = 0;
        while (start < old.Count && start < now.Count && old[start].Text == now[start].Text)
        {
            start++;
        }

        int end = 0;
        while (start + end < Math.Min(old.Count, now.Count) && old[^(end + 1)].Text == now[^(end + 1)].Text)
        {
            end++;
        }

        var (left, right) = (old.Take(start..^end).ToArray(), now.Take(start..^end).ToArray());
        return Shortest(left, right) ?? [.. left.Select(Gone), .. right.Select(New)];
    }

    private static TrialDifference Gone(TrialOutput output) => new(output.Event, IsNew: false, output.Text);

    private static TrialDifference New(TrialOutput output) => new(output.Event, IsNew: true, output.Text);

    // furthest[k] is how far of the old one a path on diagonal k has come; the rounds are kept for the way back.
    private static List<TrialDifference>? Shortest(TrialOutput[] old, TrialOutput[] now)
    {
        int most = Math.Min(old.Length + now.Length, Limits.TrialEditsMax);
        int[] furthest = new int[(2 * most) + 2];
        var rounds = new List<int[]>();
        for (int edits = 0; edits <= most; edits++)
        {
            rounds.Add([.. furthest]);
            for (int diagonal = -edits; diagonal <= edits; diagonal += 2)
            {
                int x = IsDown(furthest, most, diagonal, edits)
                    ? furthest[most + diagonal + 1]
                    : furthest[most + diagonal - 1] + 1;
                int y = x - diagonal;
                while (x < old.Length && y < now.Length && old[x].Text == now[y].Text)
                {
                    x++;
                    y++;
                }

                furthest[most + diagonal] = x;
                if (old.Length <= x && now.Length <= y)
                {
                    return Back(rounds, most, old, now);
                }
            }
        }

        return null;
    }

    private static bool IsDown(int[] furthest, int most, int diagonal, int edits) => diagonal == -edits
        || (diagonal != edits && furthest[most + diagonal - 1] < furthest[most + diagonal + 1]);

    private static List<TrialDifference> Back(List<int[]> rounds, int most, TrialOutput[] old, TrialOutput[] now)
    {
        var differences = new List<TrialDifference>();
        int x = old.Length;
        int y = now.Length;
        for (int edits = rounds.Count - 1; 0 < edits; edits--)
        {
            int[] furthest = rounds[edits];
            bool isDown = IsDown(furthest, most, x - y, edits);
            int diagonal = x - y + (isDown ? 1 : -1);
            x = furthest[most + diagonal];
            y = x - diagonal;
            differences.Add(isDown ? New(now[y]) : Gone(old[x]));
        }

        differences.Reverse();
        return differences;
    }
}
