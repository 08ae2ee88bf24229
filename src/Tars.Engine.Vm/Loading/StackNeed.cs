using System.Globalization;
using Tars.Engine.Vm.Compiling;

namespace Tars.Engine.Vm.Loading;

/// <summary>How much machine stack the code of a module can take, so that its depth always ends first.</summary>
/// <remarks>
/// A function that no chain of calls leads back to stands on the stack once at most: the longest chain of those is what
/// a call takes whatever its depth. Each of the others pays depth for each of its frames, so all of them together take
/// at most the depth times the largest frame for a slot. What LLVM puts in line has no frame of its own and is counted
/// with the function that it was put into. Indirect calls lead to all functions that can be values.
/// </remarks>
/// <param name="FixedBytes">Octets whatever the depth.</param>
/// <param name="BytesPerSlot">Octets for each slot of depth besides; 0 when no function leads back to itself.</param>
internal readonly record struct StackNeed(long FixedBytes, long BytesPerSlot)
{
    /// <summary>For a depth in slots.</summary>
    public long BytesAt(int depthSlots) => FixedBytes + (BytesPerSlot * depthSlots);

    /// <summary>Null, or why no machine has as much.</summary>
    public string? WhyNot() =>
        Limits.StackBytesPerSlotMax < BytesPerSlot
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"a function that calls itself takes {BytesPerSlot} octets of machine stack for each slot of depth; "
                + $"{Limits.StackBytesPerSlotMax} are allowed")
        : Limits.StackFixedBytesMax < FixedBytes
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"its functions take {FixedBytes:N0} octets of machine stack; "
                + $"{Limits.StackFixedBytesMax:N0} are allowed")
        : null;

    /// <param name="groups">Of each object the sizes of frames by the functions' names.</param>
    public static StackNeed Of(ModuleFacts facts, IEnumerable<IReadOnlyDictionary<string, long>> groups)
    {
        long[] frames = Frames(facts, groups, out long largestOther);
        long perSlot = 0;
        long largest = 0;
        long longest = 0;
        var ends = new long[frames.Length]; // For each component, by its number: the longest chain that begins in it.
        var calls = new CallGraph(facts);
        foreach (var (number, functions, isCycle) in calls.Components())
        {
            long below = functions.SelectMany(calls.Callees).Select(calls.ComponentOf)
                .Where(callee => callee != number).Select(callee => ends[callee]).DefaultIfEmpty().Max();
            foreach (int function in functions)
            {
                if (!isCycle)
                {
                    below += frames[function];
                }
                else if (calls.SlotsOf(function) is { } slots)
                {
                    perSlot = Math.Max(perSlot, (frames[function] + slots - 1) / slots);
                    largest = Math.Max(largest, frames[function]);
                }
            }

            ends[number] = below;
            longest = Math.Max(longest, below);
        }

        // The frame in which the depth is found to be over; what is entered from outside; a helper at the end.
        return new StackNeed(longest + largest + (2 * largestOther) + Limits.StackReserveBytes, perSlot);
    }

    // By place in the module; the last is the node of all indirect calls, which has none.
    private static long[] Frames(
        ModuleFacts facts, IEnumerable<IReadOnlyDictionary<string, long>> groups, out long largestOther)
    {
        const int ReturnAddress = 8;
        const int WidestArgument = 16;
        int parametersMax = facts.Module.Module.Types.Select(type => type.Parameters.Length).DefaultIfEmpty().Max();

        // A tail call with more arguments than its caller was given moves the frames below.
        long each = ReturnAddress + (facts.Plan.HasTailCalls ? WidestArgument * (long)parametersMax : 0);
        var frames = new long[facts.Module.Functions.Length + 1];
        frames.AsSpan(..^1).Fill(each);
        largestOther = each;
        foreach (var (name, size) in groups.SelectMany(group => group))
        {
            if (PlaceOf(facts, name) is { } place)
            {
                frames[place] = Math.Max(frames[place], size + each); // LLVM may have made copies of it.
            }
            else
            {
                largestOther = Math.Max(largestOther, size + each);
            }
        }

        return frames;
    }

    // `i0.f12`, and of copies `i0.f12.` and more.
    private static int? PlaceOf(ModuleFacts facts, string name)
    {
        string begin = facts.FunctionPrefix;
        if (!name.StartsWith(begin, StringComparison.Ordinal))
        {
            return null;
        }

        string rest = name[begin.Length..];
        int end = rest.IndexOf('.', StringComparison.Ordinal);
        string number = end < 0 ? rest : rest[..end];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && facts.Module.ImportedFunctionCount <= index && index < facts.Module.FunctionTypes.Length
                ? index - facts.Module.ImportedFunctionCount
                : null;
    }
}
