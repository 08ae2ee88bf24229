using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Checking;

/// <summary>A place where a body waits, with what it must keep.</summary>
/// <param name="Procedure">The procedure of its own that is asked, or null.</param>
internal sealed record WaitPlace(
    TextSpan Span, ProcedureSymbol? Procedure, SchemaType Answer, ImmutableArray<SchemaField> Locals)
{
    public static WaitPlace Of(AskSite site, BodyBinder binder) => new(
        site.Span,
        site.Procedure,
        SchemaOf.Type(site.Answer),
        [.. binder.LiveAt(site).Where(local => !local.Type.IsBad()).Select(SchemaOf.Local)]);
}

/// <summary>Every place where a handler may wait, through the procedures that it asks, in order of text.</summary>
/// <remarks>
/// A wait inside a procedure keeps the locals of the procedure and of all that asked it: theirs first, each name with
/// the procedure before it. A procedure that asks is not recursive, so the list is finite; it is cut at a limit.
/// </remarks>
internal sealed class WaitList(Dictionary<ProcedureSymbol, ImmutableArray<WaitPlace>> procedures, SourceText source)
{
    private readonly ImmutableArray<ContinuationSpec>.Builder _list = ImmutableArray.CreateBuilder<ContinuationSpec>();
    private readonly HashSet<ProcedureSymbol> _path = new(ReferenceEqualityComparer.Instance);
    private int _steps;

    public ImmutableArray<ContinuationSpec> Of(HandlerSymbol handler, BodyBinder binder)
    {
        string kind = handler.Kind.ToString().ToLowerInvariant();
        string name = handler.Subject.Length == 0 ? kind : $"{kind} {handler.Subject}";
        Add(name, binder.Asks.Select(site => WaitPlace.Of(site, binder)), prefix: "", outer: []);
        return _list.ToImmutable();
    }

    private void Add(string handler, IEnumerable<WaitPlace> places, string prefix, ImmutableArray<SchemaField> outer)
    {
        foreach (WaitPlace place in places)
        {
            // Procedures can ask each other along very many ways that all lead to nothing.
            if (_list.Count == Limits.WaitCountMax || Limits.WaitCountMax * Limits.TypeDepthMax < ++_steps)
            {
                return;
            }

            ImmutableArray<SchemaField> kept =
                outer.AddRange(place.Locals.Select(field => field with { Name = prefix + field.Name }));
            if (place.Procedure is null)
            {
                int line = source.PositionOf(place.Span.Start).Line;
                _list.Add(new ContinuationSpec(handler, line, kept, place.Answer));
            }
            else if (procedures.TryGetValue(place.Procedure, out var inner) && _path.Add(place.Procedure))
            {
                Add(handler, inner, $"{place.Procedure.Name}.", kept);
                _path.Remove(place.Procedure);
            }
        }
    }
}
