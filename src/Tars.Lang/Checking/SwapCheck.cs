using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Checking;

/// <summary>
/// Compares a module with the version that it is to take the place of: what cannot move, what is lost, what is new.
/// </summary>
/// <remarks>Structure decides, so a type of the old version may be declared again under another name.</remarks>
internal sealed class SwapCheck(CodeReader code, ModuleScope before)
{
    private string Version => before.Symbol.Version;

    public void Run()
    {
        foreach (AgentSymbol agent in code.Module.Symbol.Agents)
        {
            if (Before(agent) is AgentSymbol old)
            {
                HandlerSymbol? migrate = agent.Handlers.FirstOrDefault(IsMigrate);
                CheckState(agent, old, migrate);
                CheckMail(agent, old);
                CheckRights(agent, old);
            }
        }
    }

    private AgentSymbol? Before(AgentSymbol agent) => code.Module.IsOneAgent && before.IsOneAgent
        ? before.Symbol.Agents[0]
        : before.Symbol.Agents.FirstOrDefault(one => one.Name == agent.Name);

    private bool IsMigrate(HandlerSymbol handler) => handler.Kind == HandlerKind.Migrate
        && (Version == handler.Subject || Version.StartsWith($"{handler.Subject}.", StringComparison.Ordinal));

    private void CheckState(AgentSymbol agent, AgentSymbol old, HandlerSymbol? migrate)
    {
        ImmutableArray<FieldSymbol> read = migrate?.Parameters is [{ Type: LangType.Record state }]
            ? state.Symbol.Fields
            : [];
        foreach (FieldSymbol field in read)
        {
            CheckRead(field, old);
        }

        foreach (StateSymbol was in old.State)
        {
            StateSymbol? now = agent.State.FirstOrDefault(one => one.Name == was.Name);
            bool isRead = read.Any(field => field.Name == was.Name);
            if (now is null && !isRead)
            {
                code.Bag.Add(Report.StateDropped(agent.Span, was.Name, Version));
            }
            else if (now is not null && migrate is null && !IsSame(was.Type, now.Type))
            {
                code.Report(Report.StateChanged(
                    now.Span, now.Name, TypeText.Of(was.Type), TypeText.Of(now.Type), Version));
            }
        }
    }

    /// <summary>What `migrate` says that the old version held.</summary>
    private void CheckRead(FieldSymbol field, AgentSymbol old)
    {
        StateSymbol? was = old.State.FirstOrDefault(one => one.Name == field.Name);
        if (was is null || !IsSame(was.Type, field.Type))
        {
            string held = was is null ? "" : TypeText.Of(was.Type);
            code.Report(Report.NotTheOldState(field.Span, field.Name, held, Version));
        }
    }

    /// <summary>Mail that waits for the old version has to be readable by the new one.</summary>
    private void CheckMail(AgentSymbol agent, AgentSymbol old)
    {
        foreach (HandlerSymbol was in old.Handlers)
        {
            if (was.Kind is not (HandlerKind.Ask or HandlerKind.Message or HandlerKind.Timer))
            {
                continue;
            }

            HandlerSymbol? now = agent.Handlers.FirstOrDefault(one =>
                one.Kind == was.Kind && one.Subject == was.Subject);
            bool isSame = now is not null && IsSame(was.Returns, now.Returns)
                && was.Parameters.Select(one => one.Type).SequenceEqual(
                    now.Parameters.Select(one => one.Type), StructureComparer.Instance);
            if (!isSame)
            {
                string name = before.Source.Text[was.Span.Start..was.Span.End];
                code.Bag.Add(Report.MailChanged(now?.Span ?? agent.Span, name, isGone: now is null, Version));
            }
        }
    }

    private void CheckRights(AgentSymbol agent, AgentSymbol old)
    {
        foreach (SlotSpec slot in agent.Slots.Except(old.Slots))
        {
            code.Bag.Add(Report.RightsGrow(agent.Span, agent.Name, slot.Subject, Version));
        }
    }

    private static bool IsSame(LangType was, LangType now) => StructureComparer.Instance.Equals(was, now);

    private sealed class StructureComparer : IEqualityComparer<LangType>
    {
        public static StructureComparer Instance { get; } = new();

        public bool Equals(LangType? x, LangType? y) => (x, y) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            _ when x.IsBad() || y.IsBad() => true,
            (LangType.List was, LangType.List now) => Equals(was.Element, now.Element),
            (LangType.Map was, LangType.Map now) => Equals(was.Key, now.Key) && Equals(was.Value, now.Value),
            (LangType.Optional was, LangType.Optional now) => Equals(was.Inner, now.Inner),
            (LangType.Fallible was, LangType.Fallible now) => Equals(was.Inner, now.Inner),
            (LangType.Ref was, LangType.Ref now) => was.Agent.Name == now.Agent.Name,
            (LangType.Record was, LangType.Record now) => Equal(was.Symbol.Fields, now.Symbol.Fields),
            (LangType.Variant was, LangType.Variant now) =>
                was.Symbol.Cases.Length == now.Symbol.Cases.Length
                && was.Symbol.Cases.Zip(now.Symbol.Cases).All(pair =>
                    pair.First.Name == pair.Second.Name && Equal(pair.First.Fields, pair.Second.Fields)),
            _ => x.Equals(y),
        };

        // Only for what compares one by one: nothing is looked up by it.
        public int GetHashCode(LangType obj) => 0;

        private bool Equal(ImmutableArray<FieldSymbol> was, ImmutableArray<FieldSymbol> now) =>
            was.Length == now.Length && was.Zip(now).All(pair =>
                pair.First.Name == pair.Second.Name && Equals(pair.First.Type, pair.Second.Type));
    }
}
