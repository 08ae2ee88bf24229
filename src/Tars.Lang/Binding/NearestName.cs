namespace Tars.Lang.Binding;

/// <summary>Finds what an author may have meant: the known name with the fewest changed letters.</summary>
internal static class NearestName
{
    private const int LengthMax = 32;
    private const int CandidatesMax = 400;

    /// <summary>What to say of the nearest; empty when none is near.</summary>
    public static string Mend(string name, IEnumerable<string> known)
    {
        string nearest = Of(name, known);
        return nearest.Length == 0 ? "" : $"did you mean `{nearest}`?";
    }

    /// <summary>Empty when none is near: a third of the letters may differ, and at least one.</summary>
    public static string Of(string name, IEnumerable<string> known)
    {
        string best = "";
        string plain = name.ToLowerInvariant();
        int least = Math.Max(1, name.Length / 3) + 1;
        foreach (string candidate in known.Take(CandidatesMax).Order(StringComparer.Ordinal))
        {
            int distance = Distance(plain, candidate.ToLowerInvariant(), least);
            if (distance < least)
            {
                least = distance;
                best = candidate;
            }
        }

        return best;
    }

    /// <summary>Inserted, dropped, replaced and swapped letters count one each; the limit stands for more.</summary>
    private static int Distance(string left, string right, int limit)
    {
        if (limit <= Math.Abs(left.Length - right.Length) || LengthMax < left.Length || LengthMax < right.Length)
        {
            return limit;
        }

        var before = new int[right.Length + 1];
        var last = new int[right.Length + 1];
        var row = new int[right.Length + 1];
        for (int column = 0; column <= right.Length; column++)
        {
            last[column] = column;
        }

        for (int line = 1; line <= left.Length; line++)
        {
            row[0] = line;
            int least = line;
            for (int column = 1; column <= right.Length; column++)
            {
                int change = left[line - 1] == right[column - 1] ? 0 : 1;
                row[column] = Math.Min(Math.Min(row[column - 1], last[column]) + 1, last[column - 1] + change);
                if (1 < line && 1 < column
                    && left[line - 1] == right[column - 2] && left[line - 2] == right[column - 1])
                {
                    row[column] = Math.Min(row[column], before[column - 2] + 1);
                }

                least = Math.Min(least, row[column]);
            }

            // A swap can still win back one, never more.
            if (limit < least)
            {
                return limit;
            }

            (before, last, row) = (last, row, before);
        }

        return last[right.Length];
    }
}
