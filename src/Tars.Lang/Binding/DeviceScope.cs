using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>A device as code sees it: its operations with checked types in place of schemas.</summary>
internal sealed class DeviceScope
{
    // Stands in a shape for the type of `value:`, so that the author's own type comes back and not its structure.
    private static readonly SchemaType _marker = new SchemaType.Ref("value");

    private DeviceScope(DeviceSymbol symbol, InterfaceKind shape)
    {
        Symbol = symbol;
        LangType held = symbol.Value ?? CoreTypes.Error;
        Asks = [.. shape.Asks.Select(one => Read(one, held))];
        Tells = [.. shape.Tells.Select(one => Read(one, held))];
        Event = shape.Event is null ? null : BuiltInSymbols.FromSchema(shape.Event, _marker, held);
    }

    public DeviceSymbol Symbol { get; }

    public ImmutableArray<DeviceOperation> Asks { get; }

    public ImmutableArray<DeviceOperation> Tells { get; }

    /// <summary>What a <c>device NAME as NAME</c> handler binds, or null when the device brings nothing.</summary>
    public LangType? Event { get; }

    public static DeviceScope Of(DeviceSymbol symbol) =>
        new(symbol, InterfaceKinds.Find(symbol.Kind.Name, _marker) ?? symbol.Kind);

    /// <summary>What can be done with a capability of that kind; whatever it holds fits.</summary>
    public static DeviceScope OfKind(string kind) =>
        Of(new DeviceSymbol("", InterfaceKinds.Find(kind)!, Value: null, [], new TextSpan(0, 0)));

    private static DeviceOperation Read(Operation operation, LangType held) => new(
        operation.Name,
        [
            .. operation.Arguments.Select(field =>
                new NamedType(field.Name, BuiltInSymbols.FromSchema(field.Type, _marker, held))),
        ],
        BuiltInSymbols.FromSchema(operation.Returns, _marker, held),
        operation.AnyRecord);
}

/// <param name="AnyRecord">It takes <c>returns = TYPE</c> and answers that type.</param>
internal sealed record DeviceOperation(
    string Name, ImmutableArray<NamedType> Parameters, LangType Returns, bool AnyRecord);

/// <summary>A parameter: its name and type.</summary>
internal sealed record NamedType(string Name, LangType Type);
