using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Sim.Reference;

/// <summary>One seed: a generated module, compiled and walked, fed with the same events; says where the two
/// differ.</summary>
internal static class Differential
{
    private const int EventCount = 12;

    /// <summary>Null when compiled code and reference agree on every effect, trap and state, however events are cut
    /// into batches.</summary>
    public static string? Run(ulong seed)
    {
        string text = new ProgramGenerator(seed).Generate();
        var source = new SourceText("generated.tars", text);
        var compiled = Compiler.Compile(source, new NoModules(), new CompileOptions());
        if (compiled.Bundle is not { } bundle)
        {
            var first = compiled.Check.Diagnostics.First(one => one.Severity == Severity.Error);
            return $"seed {seed}: the generator wrote a wrong module: "
                + $"{source.PositionOf(first.Span.Start)} {first.Code} {first.Title}";
        }

        var module = compiled.Check.Module;
        var agent = module.Agents[0];
        var random = new Xoshiro256(seed);
        var events = Enumerable.Range(0, EventCount).Select(at => Draw(agent, random, at)).ToList();
        using var single = new GuestHost([.. bundle]);
        using var batched = new GuestHost([.. bundle]);
        var reference = new Evaluator(module, agent);
        single.Bear(seed);
        batched.Bear(seed);
        var together = batched.Run([.. events.Select(one => one.Event)]);
        for (int at = 0; at < events.Count; at++)
        {
            var (handler, payload, one) = events[at];
            var outcome = single.Run([one])[0];
            var trap = reference.Handle(handler, payload, one.Instant);
            string where = $"seed {seed}, event {at} ({handler.Kind} {handler.Subject})";
            if (Difference(outcome, trap, reference.Effects) is { } difference)
            {
                return $"{where}: {difference}";
            }

            if (Different(outcome, together[at]))
            {
                return $"{where}: alone and in a batch differ";
            }

            if (!single.SavedState().AsSpan().SequenceEqual(reference.SavedState()))
            {
                return $"{where}: state differs\n  compiled  {Convert.ToHexString(single.SavedState())}\n"
                    + $"  reference {Convert.ToHexString(reference.SavedState())}";
            }
        }

        return batched.SavedState().AsSpan().SequenceEqual(reference.SavedState()) ? null
            : $"seed {seed}: state after the batch differs";
    }

    private static (HandlerSymbol Handler, object?[] Payload, GuestEvent Event) Draw(AgentSymbol agent,
        Xoshiro256 random, int at)
    {
        var messages = agent.Handlers.Where(one => one.Kind == HandlerKind.Message).ToList();
        var handler = messages[random.Next(messages.Count)];
        object value = handler.Parameters[0].Type switch
        {
            LangType.Int => random.Next(4) == 0 ? (long)random.Next() : random.Next(20),
            LangType.Bool => random.Next(2) == 0,
            _ => new[] { "", "one 1", "Zwei 22", "x", "log -5", "a b c 9" }[random.Next(6)],
        };
        var writer = new ByteWriter();
        ValueWriter.Write(writer, handler.Parameters[0].Type, value);
        return (handler, [value],
            new GuestEvent(EventKind.Handler, handler.Index, 1_000_000_000L * at, writer.ToArray()));
    }

    private static string? Difference(GuestOutcome outcome, GuestTrap? trap, List<ReferenceEffect> effects)
    {
        if ((outcome.Trap?.Trap, trap) is var (compiled, walked) && compiled != walked)
        {
            return $"compiled {outcome.Trap?.ToString() ?? "commits"}, reference {trap?.ToString() ?? "commits"}";
        }

        string left = string.Join("\n    ", outcome.Effects);
        string right = string.Join("\n    ", effects);
        return left == right ? null : $"effects differ\n  compiled\n    {left}\n  reference\n    {right}";
    }

    private static bool Different(GuestOutcome one, GuestOutcome other) =>
        one.Trap != other.Trap || string.Join('\n', one.Effects) != string.Join('\n', other.Effects);
}
