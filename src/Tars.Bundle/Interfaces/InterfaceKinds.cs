using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Interfaces;

/// <summary>The table of interfaces of the language (docs/language.md, the outside).</summary>
/// <remarks>
/// To add one: a row here, and its device folder or its kernel port. Operations keep their order: it is their number.
/// </remarks>
public static class InterfaceKinds
{
    private static readonly SchemaType _text = new SchemaType.Text();
    private static readonly SchemaType _int = new SchemaType.Int();
    private static readonly SchemaType _bytes = new SchemaType.Bytes();
    private static readonly SchemaType _bool = new SchemaType.Bool();
    private static readonly SchemaType _unit = new SchemaType.Unit();
    private static readonly SchemaType _texts = new SchemaType.Map(_text, _text);
    private static readonly SchemaField _path = new("path", _text);

    private static readonly string[] _reserved =
        ["kv", "gpio", "i2c", "spi", "pwm", "serial"];

    /// <summary>Every word that `kind` accepts, in the order of docs/language.md.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "lines", "console", "button", "block", "store", "fetch", "query", "model", "scheduler",
        "introspect", "directory", "random", "http", "tcp", "udp", .. _reserved,
    ];

    /// <summary>The shape of a kind, or null for an unknown word.</summary>
    /// <param name="value">What `value: TYPE` said; used by kinds that take one.</param>
    public static InterfaceKind? Find(string name, SchemaType? value = null)
    {
        var held = value ?? _unit;
        return name switch
        {
            "lines" => Kind(name, [], [], brings: new SchemaType.Optional(_text)),
            "console" => Kind(name, [], [Tell("print", new SchemaField("line", _text))]),
            "button" => Kind(name, [], [], brings: _bool),
            "query" => Kind(
                name, [new("number", [new("query", _text)], new SchemaType.Float())], [], twin: ["answers", "fails"]),
            "model" => Kind(
                name, [new("fill", [new("prompt", _text)], _unit, AnyRecord: true)], [],
                options: ["tokens"], twin: ["answers", "fails"]),
            "scheduler" => Kind(
                name,
                [new("pick", [new("ready", new SchemaType.List(BuiltInTypes.Ready))], BuiltInTypes.Choice)],
                []) with
            {
                Types = [BuiltInTypes.Ready, BuiltInTypes.Choice],
            },
            "introspect" => Kind(
                name,
                [
                    new("processes", [new("above", _int)], new SchemaType.List(BuiltInTypes.ProcessInfo)),
                    new("process", [new("id", _int)], new SchemaType.Optional(BuiltInTypes.ProcessInfo)),
                ],
                []) with
            {
                Types = [BuiltInTypes.Activity, BuiltInTypes.ProcessInfo],
            },
            "random" => Kind(name, [new("octets", [new("count", _int)], _bytes)], [], twin: ["fails"]),
            _ when 0 <= Array.IndexOf(_reserved, name) => Kind(name, [], []) with { Reserved = true },
            _ => Storage(name, held) ?? Network(name),
        };
    }

    // What keeps octets or values.
    private static InterfaceKind? Storage(string name, SchemaType held) => name switch
    {
        "block" => Kind(
            name,
            [
                new("info", [], BuiltInTypes.BlockInfo),
                new("read", [new("sector", _int), new("count", _int)], _bytes),
                new("write", [new("sector", _int), new("data", _bytes)], _unit),
                new("flush", [], _unit),
            ],
            [],
            twin: ["sectors", "torn_after", "fails"]),
        "store" => Kind(
            name,
            [
                new("get", [new("key", _text)], new SchemaType.Optional(held)),
                new("put", [new("key", _text), new("value", held)], _unit),
                new("put_new", [new("key", _text), new("value", held)], _bool),
                new("delete", [new("key", _text)], _unit),
            ],
            [],
            twin: ["fails"]) with
        { TakesValue = true },
        "directory" => Kind(
            name,
            [
                new("list", [_path], new SchemaType.List(BuiltInTypes.FileEntry)),
                new("info", [_path], new SchemaType.Optional(BuiltInTypes.FileEntry)),
                new("read", [_path, new("at", _int), new("count", _int)], _bytes),
                new("write", [_path, new("data", _bytes)], _unit),
                new("write_at", [_path, new("at", _int), new("data", _bytes)], _unit),
                new("make", [_path], _unit),
                new("move", [_path, new("to", _text)], _unit),
                new("delete", [_path], _unit),
            ],
            [],
            twin: ["files", "fails"]) with
        {
            Types = [BuiltInTypes.FileKind, BuiltInTypes.FileEntry],
        },
        _ => null,
    };

    // What reaches other machines.
    private static InterfaceKind? Network(string name) => name switch
    {
        "fetch" => Kind(
            name, [new("get", [new("url", _text)], BuiltInTypes.Response)], [],
            options: ["hosts"], twin: ["answers", "fails"]),
        "http" => Kind(
            name,
            [
                new(
                    "send",
                    [new("method", _text), new("url", _text), new("headers", _texts), new("body", _bytes)],
                    BuiltInTypes.Response),
            ],
            [],
            options: ["hosts"],
            twin: ["answers", "fails"]),
        "tcp" => Kind(
            name,
            [
                new("connect", [new("to", _text)], _int),
                new("send", [new("connection", _int), new("data", _bytes)], _unit),
                new("close", [new("connection", _int)], _unit),
            ],
            [],
            brings: BuiltInTypes.TcpEvent,
            twin: ["fails"]) with
        {
            Types = [BuiltInTypes.TcpEvent],
        },
        "udp" => Kind(
            name,
            [new("send", [new("to", _text), new("data", _bytes)], _unit)],
            [],
            brings: BuiltInTypes.Datagram,
            twin: ["fails"]) with
        {
            Types = [BuiltInTypes.Datagram],
        },
        _ => null,
    };

    private static Operation Tell(string name, params SchemaField[] arguments) => new(name, [.. arguments], _unit);

    private static InterfaceKind Kind(
        string name,
        ImmutableArray<Operation> asks,
        ImmutableArray<Operation> tells,
        SchemaType? brings = null,
        string[]? options = null,
        string[]? twin = null) =>
        new(name, asks, tells, brings, [], TakesValue: false, [.. options ?? []], [.. twin ?? []], Reserved: false);
}
