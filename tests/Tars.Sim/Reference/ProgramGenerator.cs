using System.Globalization;
using System.Text;
using Tars.Base;

namespace Tars.Sim.Reference;

/// <summary>Writes valid modules by seed: one agent with every kind of state, pure functions, and handlers full of
/// code.</summary>
/// <remarks>The same seed gives the same text. What it writes passes the checker without an error; warnings do not
/// count.</remarks>
internal sealed partial class ProgramGenerator(ulong seed)
{
    private const string Head = """
        tars: 1
        module: generated
        version: 1.0.0
        summary: A generated module.

        capabilities:
          subscribe: { in/number: int, in/text: text, in/tick: bool }
          publish:
            out/int: int
            out/text: text
            out/record: R
            out/case: Q
            out/list/+: list<int>
            out/json: bytes
          timers: { shortest: 1ms }
          devices: { out: console }

        types:
          R: { a: int, b: float = 0.5, t: text }
          K: [red, green, blue]
          Q: [plain, full: { why: text, n: int }]

        params:
          gain: { type: int, value: 3, range: [0, 9], about: A factor. }

        constants:
          limit: int = 1000
          start_record: R = R(a = 1, b = 2, t = "start")

        """;

    private static readonly (string Name, GeneratedType Type)[] _state =
    [
        ("n", GeneratedType.Int), ("x", GeneratedType.Float), ("s", GeneratedType.Text), ("xs", GeneratedType.ListInt),
        ("names", GeneratedType.MapTextInt), ("opt", GeneratedType.OptInt), ("k", GeneratedType.K),
            ("q", GeneratedType.Q),
        ("r", GeneratedType.R), ("data", GeneratedType.Bytes), ("wait", GeneratedType.Duration),
            ("rs", GeneratedType.ListR),
    ];

    private readonly Xoshiro256 _random = new(seed);
    private readonly StringBuilder _text = new();
    private List<(string Name, GeneratedType Type, bool Mutable)> _scope = [];
    private bool _pure;
    private int _names;
    private int _loops;

    public string Generate()
    {
        _text.Append(Head);
        _text.Append("functions:\n");
        Function("f_int", "{ a: int, b: text }", "int", [("a", GeneratedType.Int), ("b", GeneratedType.Text)],
            GeneratedType.Int);
        Function("f_text", "{ a: int, b: text }", "text", [("a", GeneratedType.Int), ("b", GeneratedType.Text)],
            GeneratedType.Text);
        Function("f_list", "{ list_in: list<int> }", "list<int>", [("list_in", GeneratedType.ListInt)],
            GeneratedType.ListInt);
        int shared = _text.Length;
        _text.Append(
            """
            state:
              n: int = 0
              x: float = 0
              s: text = ""
              xs: list<int> = []
              names: map<text, int> = []
              opt: int? = none
              k: K = K.red
              q: Q = Q.plain
              r: R = start_record
              data: bytes = bytes_of(8)
              wait: duration = 5ms
              rs: list<R> = []

            invariants:
              - n < 9000000000000000000

            procedures:
              note:
                with: { a: int }
                do: |
                  n = a
                  log("noted", a = a, s = s)
              consult:
                with: { a: int, words: text }
                returns: int
                do: |
                  let first = ask other.number(a = a) within 5ms else { return -1 }
                  n = n & 0xFFFF
                  let second = ask other.words(t = "{words} {first}") within 1s else why { "{why.kind}" }
                  return first + second.size()

            handlers:
              timer later:
                do: |
                  n = n & 255

            """);
        Handler("message in/number as number", ("number", GeneratedType.Int));
        Handler("message in/text as words", ("words", GeneratedType.Text));
        Handler("message in/tick as tick", ("tick", GeneratedType.Bool));
        return UnderAgents(shared);
    }

    private void Function(
        string name, string with, string returns, (string Name, GeneratedType Type)[] parameters, GeneratedType result)
    {
        _pure = true;
        _scope = [.. parameters.Select(p => (p.Name, p.Type, false))];
        Line(2, name + ":");
        Line(4, "with: " + with);
        Line(4, "returns: " + returns);
        Line(4, "do: |");
        Statements(6, count: 2, depth: 1);
        Line(6, "return " + Expr(result, 2));
        _text.Append('\n');
    }

    private void Handler(string key, (string Name, GeneratedType Type) bound)
    {
        _pure = false;
        _scope = [(bound.Name, bound.Type, false), .. _state.Select(s => (s.Name, s.Type, true))];
        Line(2, key + ":");
        Line(4, "do: |");
        Statements(6, count: 3 + _random.Next(6), depth: 2);
    }

    private void Statements(int indent, int count, int depth)
    {
        int outer = _scope.Count;
        for (int at = 0; at < count; at++)
        {
            Statement(indent, depth);
        }

        _scope.RemoveRange(outer, _scope.Count - outer);
    }

    private void Statement(int indent, int depth)
    {
        int choice = _random.Next(_pure ? 9 : 20);
        switch (choice)
        {
            case 0 or 1:
                Declare(indent);
                break;
            case 2 or 3 or 4:
                Assign(indent);
                break;
            case 5 or 6 when depth > 0:
                Branch(indent, depth);
                break;
            case 7 when depth > 0 && _loops < 2:
                Loop(indent, depth);
                break;
            case 8 when depth > 0:
                Match(indent, depth);
                break;
            case 9 or 10:
                Publish(indent);
                break;
            case 11:
                var shown = Pick(GeneratedType.Int, GeneratedType.Float);
                Line(indent, $"log({Expr(GeneratedType.Text, 1)}, v = {Expr(shown, 1)})");
                break;
            case 12:
                Line(indent, $"note({Expr(GeneratedType.Int, 1)})");
                break;
            case 13:
                Line(indent, $"tell out.print(line = {Expr(GeneratedType.Text, 2)})");
                break;
            case 14:
                Line(indent, _random.Next(2) == 0 ? "after 5ms later" : "cancel later");
                break;
            case 15:
                Line(indent, $"assert {Expr(GeneratedType.Int, 1)} != {_random.Next(50)}");
                break;
            case 16 or 17 or 18:
                Ask(indent, depth);
                break;
            case 19:
                Json(indent);
                break;
            default:
                Declare(indent);
                break;
        }
    }

    private void Declare(int indent)
    {
        var type = Any();
        bool mutable = _random.Next(2) == 0;
        string name = "v" + _names++;
        Line(indent, $"{(mutable ? "var" : "let")} {name}: {Spelled(type)} = {Expr(type, 2)}");
        _scope.Add((name, type, mutable));
    }

    private void Assign(int indent)
    {
        var targets = _scope.Where(s => s.Mutable).ToList();
        if (targets.Count == 0)
        {
            Declare(indent);
            return;
        }

        var (name, type, _) = targets[_random.Next(targets.Count)];
        int way = _random.Next(4);
        Line(indent, (type, way) switch
        {
            (GeneratedType.Int, 0) => $"{name} += {Expr(type, 1)}",
            (GeneratedType.Float, 0) => $"{name} *= {Expr(type, 1)}",
            (GeneratedType.ListInt, 0 or 1) => $"{name}.push({Expr(GeneratedType.Int, 1)})",
            (GeneratedType.ListInt, 2) => $"if {name}.len() > 1 {{ {name}.remove_at({name}.len() - 1) }}",
            (GeneratedType.ListInt, 3) => ElementOf(name),
            (GeneratedType.ListR, 0 or 1) => $"{name}.push({Expr(GeneratedType.R, 1)})",
            (GeneratedType.ListR, 2) => $"if {name}.len() > 0 {{ {name}[0].t = {Expr(GeneratedType.Text, 1)} }}",
            (GeneratedType.MapTextInt, 0 or 1) =>
                $"{name}[{Expr(GeneratedType.Text, 1)}] = {Expr(GeneratedType.Int, 1)}",
            (GeneratedType.MapTextInt, 2) => $"{name}.remove({Expr(GeneratedType.Text, 1)})",
            (GeneratedType.R, 0) => $"{name}.a = {Expr(GeneratedType.Int, 1)}",
            (GeneratedType.R, 1) => $"{name}.t = {Expr(GeneratedType.Text, 1)}",
            (GeneratedType.Bytes, 0) =>
                $"{name}[{Expr(GeneratedType.Int, 0)} & 7] = {Expr(GeneratedType.Int, 0)} & 255",
            (GeneratedType.Bytes, 1) => $"{name}.set_u32(0, {_random.Next(int.MaxValue)})",
            _ => $"{name} = {Expr(type, 2)}",
        });
    }

    private void Branch(int indent, int depth)
    {
        if (_random.Next(3) == 0)
        {
            string name = "v" + _names++;
            Line(indent, $"if let {name} = {Expr(GeneratedType.OptInt, 1)} {{");
            _scope.Add((name, GeneratedType.Int, false));
            Statements(indent + 2, 1 + _random.Next(2), depth - 1);
            _scope.RemoveAt(_scope.Count - 1);
        }
        else
        {
            Line(indent, $"if {Expr(GeneratedType.Bool, 2)} {{");
            Statements(indent + 2, 1 + _random.Next(2), depth - 1);
        }

        if (_random.Next(2) == 0)
        {
            Line(indent, "} else {");
            Statements(indent + 2, 1 + _random.Next(2), depth - 1);
        }

        Line(indent, "}");
    }

    private void Loop(int indent, int depth)
    {
        _loops++;
        string name = "v" + _names++;
        int outer = _scope.Count;
        if (_random.Next(2) == 0)
        {
            Line(indent, $"for {name} in 0..{1 + _random.Next(6)} {{");
        }
        else
        {
            Line(indent, $"for {name} in {Expr(GeneratedType.ListInt, 1)}.take(8) {{");
        }

        _scope.Add((name, GeneratedType.Int, false));
        Statements(indent + 2, 1 + _random.Next(3), depth - 1);
        if (_random.Next(4) == 0)
        {
            Line(indent + 2, $"if {Expr(GeneratedType.Bool, 1)} {{ {(_random.Next(2) == 0 ? "break" : "continue")} }}");
        }

        _scope.RemoveRange(outer, _scope.Count - outer);
        Line(indent, "}");
        _loops--;
    }

    private void Match(int indent, int depth)
    {
        int way = _random.Next(3);
        string first = "v" + _names++;
        string second = "v" + _names++;
        if (way == 0)
        {
            Line(indent, $"match {Expr(GeneratedType.Q, 1)} {{");
            Line(indent + 2, "plain => {");
            Statements(indent + 4, 1, depth - 1);
            Line(indent + 2, "}");
            Line(indent + 2, $"full({first}, {second}) => {{");
            Inside(indent + 4, depth - 1, (first, GeneratedType.Text), (second, GeneratedType.Int));
        }
        else if (way == 1)
        {
            Line(indent, $"match {Expr(GeneratedType.K, 1)} {{");
            Line(indent + 2, "green => {");
            Statements(indent + 4, 1, depth - 1);
            Line(indent + 2, "}");
            Line(indent + 2, "else => {");
            Statements(indent + 4, 1, depth - 1);
        }
        else
        {
            Line(indent, $"match {Expr(GeneratedType.Text, 1)} {{");
            Line(indent + 2, $"\"{{{first}}} {{{second}:int}}\" => {{");
            Inside(indent + 4, depth - 1, (first, GeneratedType.Text), (second, GeneratedType.Int));
            Line(indent + 2, "}");
            Line(indent + 2, "else => {");
            Statements(indent + 4, 1, depth - 1);
        }

        Line(indent + 2, "}");
        Line(indent, "}");
    }

    private void Inside(int indent, int depth, params (string Name, GeneratedType Type)[] names)
    {
        int outer = _scope.Count;
        _scope.AddRange(names.Select(n => (n.Name, n.Type, false)));
        Statements(indent, 2, depth);
        _scope.RemoveRange(outer, _scope.Count - outer);
    }

    private void Publish(int indent) => Line(indent, _random.Next(5) switch
    {
        0 => $"publish(\"out/int\", {Expr(GeneratedType.Int, 2)})",
        1 => $"publish(\"out/text\", {Expr(GeneratedType.Text, 2)})",
        2 => $"publish(\"out/record\", {Expr(GeneratedType.R, 2)})",
        3 => $"publish(\"out/case\", {Expr(GeneratedType.Q, 1)})",
        _ => $"publish(\"out/list/{{k}}\", {Expr(GeneratedType.ListInt, 2)})",
    });

    private string Expr(GeneratedType type, int depth)
    {
        var named = _scope.Where(s => s.Type == type).ToList();
        if (named.Count > 0 && _random.Next(depth == 0 ? 2 : 4) == 0)
        {
            return named[_random.Next(named.Count)].Name;
        }

        return depth <= 0 ? Literal(type) : Compound(type, depth - 1);
    }

    private string Literal(GeneratedType type) => type switch
    {
        GeneratedType.Bool => _random.Next(2) == 0 ? "true" : "false",
        GeneratedType.Int => _random.Next(8) switch
        {
            0 => "9223372036854775807",
            1 => "0x7fff_ffff",
            _ => _random.Next(100).ToString(CultureInfo.InvariantCulture),
        },
        GeneratedType.Float => (_random.NextUnit() * Math.Pow(10, _random.Next(12) - 4)).ToString("0.0######",
            CultureInfo.InvariantCulture),
        GeneratedType.Text => _random.Next(5) switch
        {
            0 => "\"\"",
            1 => "\"a b\"",
            2 => "\"x 12\"",
            3 => "\"Grüße\\n\"",
            _ => "\"log\"",
        },
        GeneratedType.ListInt => "[1, 2, 3]",
        GeneratedType.ListR => "[R(a = 3, t = \"three\")]",
        GeneratedType.MapTextInt => "[\"a\" => 1, \"b\" => 2]",
        GeneratedType.OptInt => _random.Next(2) == 0 ? "none" : "7",
        GeneratedType.K => _random.Next(2) == 0 ? "K.green" : "K.blue",
        GeneratedType.Q => _random.Next(2) == 0 ? "Q.plain" : "Q.full(why = \"why\", n = 5)",
        GeneratedType.R => "R(a = 2, b = 0.25, t = \"two\")",
        GeneratedType.Bytes => "\"octets!!\".to_bytes()",
        GeneratedType.Duration => "20ms",
    };

    private string Compound(GeneratedType type, int depth) => type switch
    {
        GeneratedType.Bool => Truth(depth),
        GeneratedType.Int => Number(depth),
        GeneratedType.Float => _random.Next(5) switch
        {
            0 => $"float({Expr(GeneratedType.Int, depth)})",
            1 => $"sqrt(abs({Expr(type, depth)}))",
            2 => $"round({Expr(type, depth)})",
            3 => $"({Expr(GeneratedType.Duration, depth)} / 3ms)",
            _ => $"({Expr(type, depth)} {Pick("+", "-", "*", "/")} {Expr(type, depth)})",
        },
        GeneratedType.Text => Words(depth),
        GeneratedType.ListInt => _random.Next(5) switch
        {
            0 when !_pure => $"f_list({Expr(type, depth)})",
            1 => $"{Expr(type, 0)}.map(e{_names} => e{_names++} & 15)",
            2 => $"{Expr(type, 0)}.filter(e{_names} => e{_names++} > {_random.Next(9)})",
            3 => $"{Expr(type, 0)}.sort_by(e{_names} => -(e{_names++} & 63))",
            _ => $"[{Expr(GeneratedType.Int, depth)}, {Expr(GeneratedType.Int, depth)}]",
        },
        GeneratedType.OptInt => _random.Next(3) switch
        {
            0 => $"{Expr(GeneratedType.MapTextInt, 0)}.get({Expr(GeneratedType.Text, depth)})",
            1 => $"{Expr(GeneratedType.ListInt, 0)}.max()",
            _ => $"(if {Expr(GeneratedType.Bool, depth)} {{ {Expr(GeneratedType.Int, depth)} }} else {{ none }})",
        },
        GeneratedType.Q => $"Q.full(why = {Expr(GeneratedType.Text, depth)}, n = {Expr(GeneratedType.Int, depth)})",
        GeneratedType.R => $"R(t = {Expr(GeneratedType.Text, depth)}, a = {Expr(GeneratedType.Int, depth)})",
        GeneratedType.Bytes => $"{Expr(type, 0)}.slice(0, 8)",
        GeneratedType.Duration => $"({Expr(type, depth)} {Pick("+", "-")} {Expr(type, depth)})",
        GeneratedType.K => $"(if {Expr(GeneratedType.Bool, depth)} {{ K.red }} else {{ {Expr(type, depth)} }})",
        GeneratedType.ListR or GeneratedType.MapTextInt => Literal(type),
    };

    private string Truth(int depth) => _random.Next(7) switch
    {
        0 => $"({Expr(GeneratedType.Int, depth)} {Pick("<", "<=", ">", ">=", "==", "!=")} "
            + $"{Expr(GeneratedType.Int, depth)})",
        1 => $"({Expr(GeneratedType.Text, depth)} {Pick("<", "==", "!=")} {Expr(GeneratedType.Text, depth)})",
        2 => $"({Expr(GeneratedType.Bool, depth)} {Pick("and", "or")} {Expr(GeneratedType.Bool, depth)})",
        3 => $"(not {Expr(GeneratedType.Bool, depth)})",
        4 => $"({Expr(GeneratedType.R, depth)} == {Expr(GeneratedType.R, depth)})",
        5 => $"{Expr(GeneratedType.MapTextInt, 0)}.has({Expr(GeneratedType.Text, depth)})",
        _ => $"({Expr(GeneratedType.Float, depth)} < {Expr(GeneratedType.Float, depth)})",
    };

    private string Number(int depth) => _random.Next(16) switch
    {
        0 or 1 or 2 => $"({Expr(GeneratedType.Int, depth)} {Pick("+", "-", "*")} {Expr(GeneratedType.Int, depth)})",
        3 => $"({Expr(GeneratedType.Int, depth)} {Pick("/", "%")} ({Expr(GeneratedType.Text, depth)}.size()))",
        4 => $"(({Expr(GeneratedType.Int, depth)}) {Pick("&", "|", "^")} ({Expr(GeneratedType.Int, depth)}))",
        5 => $"(({Expr(GeneratedType.Int, depth)}) {Pick("<<", ">>")} {_random.Next(66)})",
        6 => $"{Expr(GeneratedType.Text, 0)}.size()",
        7 => $"{Expr(GeneratedType.ListInt, 0)}.len()",
        8 => $"({Compound(GeneratedType.OptInt, depth)} ?? {Expr(GeneratedType.Int, depth)})",
        9 => _pure ? "limit" : $"f_int({Expr(GeneratedType.Int, depth)}, {Expr(GeneratedType.Text, depth)})",
        10 => $"{Pick("min", "max")}({Expr(GeneratedType.Int, depth)}, gain)",
        11 => $"{Expr(GeneratedType.ListInt, 0)}.sum(e{_names} => e{_names++} & 1023)",
        12 => $"{Expr(GeneratedType.Bytes, 0)}.crc32()",
        13 => $"{Expr(GeneratedType.ListInt, 0)}[{Expr(GeneratedType.Int, depth)} & {_random.Next(4)}]",
        14 => $"(-{Expr(GeneratedType.Int, depth)})",
        _ => $"(if {Expr(GeneratedType.Bool, depth)} {{ {Expr(GeneratedType.Int, depth)} }} "
            + $"else {{ {Expr(GeneratedType.Int, depth)} }})",
    };

    private string Words(int depth)
    {
        string subject = Expr(GeneratedType.Text, 0);
        var shown = _scope.Where(s => s.Type is GeneratedType.Int or GeneratedType.Float or GeneratedType.Text
            or GeneratedType.Bool or GeneratedType.K or GeneratedType.Duration).ToList();
        return _random.Next(7) switch
        {
            0 when shown.Count > 0 => $"\"<{{{shown[_random.Next(shown.Count)].Name}}}>\"",
            1 when _scope.Any(s => s.Type == GeneratedType.Float) =>
                $"\"{{{_scope.First(s => s.Type == GeneratedType.Float).Name}:.{_random.Next(5)}}}\"",
            2 => $"{subject}.trim()",
            3 => $"{subject}.lower()",
            4 => $"{subject}.replace(\"o\", {Expr(GeneratedType.Text, depth)})",
            5 when !_pure => $"f_text({Expr(GeneratedType.Int, depth)}, {Expr(GeneratedType.Text, depth)})",
            _ => $"{subject}.split(\" \").join(\"-\")",
        };
    }

    private GeneratedType Any()
    {
        var all = Enum.GetValues<GeneratedType>();
        return all[_random.Next(all.Length)];
    }

    private T Pick<T>(params T[] options) => options[_random.Next(options.Length)];

    private void Line(int indent, string text) => _text.Append(' ', indent).Append(text).Append('\n');

    private static string Spelled(GeneratedType type) => type switch
    {
        GeneratedType.Bool => "bool",
        GeneratedType.Int => "int",
        GeneratedType.Float => "float",
        GeneratedType.Text => "text",
        GeneratedType.ListInt => "list<int>",
        GeneratedType.ListR => "list<R>",
        GeneratedType.MapTextInt => "map<text, int>",
        GeneratedType.OptInt => "int?",
        GeneratedType.K => "K",
        GeneratedType.Q => "Q",
        GeneratedType.R => "R",
        GeneratedType.Bytes => "bytes",
        GeneratedType.Duration => "duration",
    };
}
