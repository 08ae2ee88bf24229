using Tars.Base;
using Tars.Kernel.Checkpoints;
using Tars.Kernel.Effects;
using Tars.Kernel.Operating;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Sharding;

/// <summary>What a kernel keeps of modules, beside their processes, and what goes with them to another shard.</summary>
internal static class MovingModules
{
    /// <summary>Parameters, metrics, and what was counted of births and restarts.</summary>
    public static void Save(KernelState state, int[] modules, ByteWriter output)
    {
        foreach (int one in modules)
        {
            output.U32((uint)state.Params[one].Length);
            output.Bytes(state.Params[one]);
            state.Metrics[one].Save(output);
        }

        state.Births.Save(output, modules);
        state.Supervisor.Save(output, modules);
    }

    /// <summary>Puts it in the place of what is here of them; false when the octets are not whole, and then part of it
    /// may be here.</summary>
    public static bool Load(KernelState state, int[] modules, ref ByteReader input)
    {
        foreach (int one in modules)
        {
            byte[] values = input.Bytes(input.U32()).ToArray();
            if (!ModuleParams.Fit(state.System.Modules[one].Manifest, values))
            {
                return false;
            }

            state.Params[one] = values;
            state.Metrics[one].Load(ref input);
        }

        return state.Births.Load(ref input, modules) && state.Supervisor.Load(ref input, modules) && !input.Failed;
    }

    /// <summary>What operators have done to them, and the letters that can go.</summary>
    public static void SaveOperated(
        KernelState state, int[] modules, IEnumerable<ProcessId> processes, ByteWriter output)
    {
        var names = NamesOf(state, modules);
        state.Returns.Save(output, names.Contains);
        state.Denials.Save(output, processes.ToHashSet());
        KeptLetter[] letters = [.. LettersOf(state, names)];
        output.U32((uint)letters.Length);
        foreach (var letter in letters)
        {
            LetterCodec.Save(state, output, letter);
        }
    }

    /// <summary>Reads that and changes nothing; null when it is not whole, or not of these.</summary>
    public static OperatedModules? LoadOperated(
        KernelState state, int[] modules, IEnumerable<ProcessId> processes, ref ByteReader input)
    {
        var names = NamesOf(state, modules);
        var returns = ParamReturns.Read(ref input);
        var denials = Denials.Read(ref input);
        var letters = new List<KeptLetter>();
        uint count = input.U32();
        bool fits = count <= Limits.DeadLettersMax;
        for (uint left = count; fits && 0 < left && !input.Failed; left--)
        {
            if (LetterCodec.Load(state, ref input) is not { } letter || !names.Contains(letter.Module))
            {
                return null;
            }

            letters.Add(letter);
        }

        var known = processes.ToHashSet();
        bool isTheirs = returns?.All(one => names.Contains(one.Module)) == true
            && denials?.All(one => known.Contains(one.Process)) == true;
        return fits && isTheirs && !input.Failed ? new OperatedModules(returns!, denials!, letters) : null;
    }

    /// <summary>It is here from now on.</summary>
    public static void Take(KernelState state, OperatedModules operated)
    {
        state.Returns.Take(operated.Returns);
        state.Denials.Take(operated.Denials);
        operated.Letters.ForEach(state.DeadLetters.Take);
    }

    /// <summary>They live elsewhere from now on.</summary>
    public static void LetGo(KernelState state, int[] modules, IEnumerable<ProcessId> processes)
    {
        var names = NamesOf(state, modules);
        state.Returns.LetGo(names.Contains);
        foreach (var process in processes)
        {
            state.Denials.Forget(process);
        }

        foreach (var letter in LettersOf(state, names).ToArray())
        {
            state.DeadLetters.Remove(letter.Number);
        }
    }

    public static IEnumerable<KeptLetter> LettersOf(KernelState state, HashSet<string> names) =>
        state.DeadLetters.Letters.Where(one => names.Contains(one.Module));

    public static HashSet<string> NamesOf(KernelState state, int[] modules) =>
        [.. modules.Select(one => state.System.Modules[one].Manifest.Name)];
}

/// <summary>What operators have done to modules that move.</summary>
internal sealed record OperatedModules(
    List<ParamReturn> Returns, List<Denial> Denials, List<KeptLetter> Letters);
