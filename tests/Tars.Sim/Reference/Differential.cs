using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
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
        var events = new List<GuestEvent>();
        using var single = new GuestHost([.. bundle]);
        using var batched = new GuestHost([.. bundle]);
        var reference = new Evaluator(module, agent);
        single.Bear(seed);
        batched.Bear(seed);
        var alone = new List<GuestOutcome>();
        for (int at = 0; at < EventCount; at++)
        {
            // Now and then nobody answers, and another event comes.
            var wait = reference.IsWaiting && random.Next(8) != 0 ? alone[^1].Effects[^1] : null;
            var drawn = wait is null ? Draw(agent, random, at) : DrawAnswer(single.Manifest, wait, random, at);
            var one = drawn.Event;
            events.Add(one);
            var outcome = single.Run([one])[0];
            alone.Add(outcome);
            var trap = wait is null
                ? reference.Handle(drawn.Handler!, drawn.Payload, one.Instant)
                : reference.Answer(drawn.Payload[0], one.Instant);
            string where = $"seed {seed}, event {at} ({drawn.Handler?.Subject ?? "answer"})";
            if (Difference(outcome, trap, reference.Effects) is { } difference)
            {
                return $"{where}: {difference}";
            }

            if (!single.SavedState().AsSpan().SequenceEqual(reference.SavedState()))
            {
                return $"{where}: state differs\n  compiled  {Convert.ToHexString(single.SavedState())}\n"
                    + $"  reference {Convert.ToHexString(reference.SavedState())}";
            }
        }

        var together = batched.Run(events);
        for (int at = 0; at < events.Count; at++)
        {
            if (Different(alone[at], together[at]))
            {
                return $"seed {seed}, event {at}: alone and in a batch differ";
            }
        }

        return batched.SavedState().AsSpan().SequenceEqual(reference.SavedState()) ? null
            : $"seed {seed}: state after the batch differs";
    }

    // The answer to the last ask of a guest: an int, a text or nothing, or a Failure.
    private static (HandlerSymbol? Handler, object?[] Payload, GuestEvent Event) DrawAnswer(
        BundleManifest manifest, ReferenceEffect ask, Xoshiro256 random, int at)
    {
        int number = (int)ask.Scalars[3];
        var payload = new ByteWriter();
        object? value;
        if (random.Next(4) == 0)
        {
            int kind = random.Next(7);
            value = new Failed(Values.Failure(kind, "why not"));
            payload.U8(1);
            payload.U16((ushort)kind);
            payload.Text("why not");
        }
        else
        {
            payload.U8(0);
            value = Answer(manifest.Agents[0].Continuations[number].Answer, random, payload);
        }

        return (null, [value], new GuestEvent(EventKind.Answer, number, 1_000_000_000L * at, payload.ToArray()));
    }

    private static object? Answer(SchemaType type, Xoshiro256 random, ByteWriter payload)
    {
        switch (type)
        {
            case SchemaType.Int:
                long number = random.Next(40) - 10;
                payload.I64(number);
                return number;
            case SchemaType.Text:
                string text = new[] { "", "one 1", "x", "a b c 9" }[random.Next(4)];
                payload.Text(text);
                return text;
            default:
                return null;
        }
    }

    private static (HandlerSymbol? Handler, object?[] Payload, GuestEvent Event) Draw(AgentSymbol agent,
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

        string left = string.Join("\n    ", outcome.Effects.Select(WithoutNumber));
        string right = string.Join("\n    ", effects);
        return left == right ? null : $"effects differ\n  compiled\n    {left}\n  reference\n    {right}";
    }

    // Which number a wait has is the compiler's own business.
    private static ReferenceEffect WithoutNumber(ReferenceEffect effect) =>
        effect.Call == HostCall.Ask ? effect with { Scalars = effect.Scalars.SetItem(3, 0) } : effect;

    private static bool Different(GuestOutcome one, GuestOutcome other) =>
        one.Trap != other.Trap || string.Join('\n', one.Effects) != string.Join('\n', other.Effects);
}
