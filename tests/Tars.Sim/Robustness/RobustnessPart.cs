using System.IO.MemoryMappedFiles;
using Tars.Base;

namespace Tars.Sim.Robustness;

/// <summary>All trials of one program, or every so many of them, in the order of their places.</summary>
/// <remarks>
/// It runs as a process of its own, since nothing can be caught of a stack that overflows: which trial runs is
/// written into a file that outlives it, so that whoever started it can tell.
/// </remarks>
internal sealed class RobustnessPart(IReadOnlyList<TrialCase> cases, string name)
{
    // Processor time for one text; a longer one is tried again, so that the cold start does not count.
    private static readonly TimeSpan _timeMax = TimeSpan.FromSeconds(1);

    // A share runs on a build server whose processors others use too, which makes the same work longer.
    private static readonly TimeSpan _timeOfShareMax = TimeSpan.FromSeconds(4);

    // As little as a thread may have by default anywhere.
    private const int StackBytes = 1024 * 1024;
    private const int AgainMax = 3;

    public Tally Tally { get; } = new();

    /// <param name="first">The place of the first trial.</param>
    /// <param name="step">One of so many is tried.</param>
    /// <param name="progress">Where the place of the running trial is kept, or null.</param>
    public void Run(int first, int step, MemoryMappedViewAccessor? progress)
    {
        for (int place = first; place < cases.Count; place++)
        {
            if (cases[place].IsAlways || cases[place].Number % step == 0)
            {
                progress?.Write(0, place);
                Add(cases[place], step == 1 ? _timeMax : _timeOfShareMax);
            }
        }
    }

    /// <summary>The same on a thread with the smallest of stacks.</summary>
    public void RunOnSmallStack(int first, int step, MemoryMappedViewAccessor? progress)
    {
        var thread = new Thread(() => Run(first, step, progress), StackBytes);
        thread.Start();
        thread.Join();
    }

    private void Add(TrialCase one, TimeSpan timeMax)
    {
        Trial trial = one.Try();
        for (int again = 0; again < AgainMax && timeMax < trial.Time; again++)
        {
            trial = one.Try();
        }

        if (trial.Problem is null && timeMax < trial.Time)
        {
            trial = trial with { Problem = $"took {trial.Time.TotalSeconds:F1} s" };
        }

        Tally.Add(one.Kind, $"{one.Kind} {one.Number}{one.About}", trial);
        if (trial.Problem is not null)
        {
            Console.WriteLine(
                $"{name}, {one.Kind} {one.Number}{one.About}: {trial.Problem}\n  "
                + $"repeat with: ./dev.cs robust {name} {one.Kind} {one.Number}");
        }
    }
}

/// <summary>One trial and how it is named.</summary>
/// <param name="About">What is behind the number, or empty.</param>
internal sealed record TrialCase(string Kind, int Number, string About, Func<Trial> Try, Func<string> Text)
{
    /// <summary>Whether it is tried in every share.</summary>
    public bool IsAlways { get; init; }

    /// <summary>Everything that is tried with a program.</summary>
    public static IReadOnlyList<TrialCase> Of(CorpusProgram program)
    {
        var damage = new Damage(program);
        return
        [
            .. from kind in Enum.GetValues<DamageKind>()
               from number in Enumerable.Range(0, damage.CountOf(kind))
               select kind == DamageKind.Module
                   ? new TrialCase(
                       "module", number, "",
                       () => Trial.OfModule(damage.ModuleOf(number)),
                       () => Convert.ToHexString(damage.ModuleOf(number)))
                   : new TrialCase(
                       NameOf(kind), number, "",
                       () => Trial.OfText(new SourceText(program.Source.Name, damage.TextOf(kind, number)), program),
                       () => damage.TextOf(kind, number)),
        ];
    }

    private static string NameOf(DamageKind kind) => kind switch
    {
        DamageKind.Prefix => "prefix",
        DamageKind.Deletion => "deletion",
        DamageKind.Mutation => "mutation",
        DamageKind.Module => "module",
    };
}
