namespace Tars.Sim.Reference;

/// <summary>Code that waits, code that reads and writes JSON, and whom the generated agent asks.</summary>
internal sealed partial class ProgramGenerator
{
    /// <summary>The module, with what was written from there on as one agent beside another.</summary>
    private string UnderAgents(int shared)
    {
        string agent = _text.ToString(shared, _text.Length - shared);
        _text.Length = shared;
        _text.Append(
            """
            agentic:
              supervision: { strategy: one_for_one, restarts: 3, within: 1s }
              agents:
                main:
                  role: Does what was drawn.

            """);
        foreach (string line in agent.Split('\n'))
        {
            Line(line.Length == 0 ? 0 : 6, line);
        }

        return _text.Append(
            """
                other:
                  role: Answers.
                  handlers:
                    ask number:
                      with: { a: int }
                      returns: int
                      do: |
                        return a
                    ask words:
                      with: { t: text }
                      returns: text
                      do: |
                        return t
                    ask keep:
                      with: { t: text }
                      do: |
                        log(t)

            """).ToString();
    }

    private void Ask(int indent, int depth)
    {
        string name = "v" + _names++;
        switch (_random.Next(6))
        {
            case 0:
                Line(indent, $"let {name} = ask other.number(a = {Expr(GeneratedType.Int, 1)}) within 5ms else {{ "
                    + $"{Expr(GeneratedType.Int, 1)} }}");
                _scope.Add((name, GeneratedType.Int, false));
                break;
            case 1:
                Line(
                    indent,
                    $"let {name} = ask other.words(t = {Expr(GeneratedType.Text, 1)}) within 1s else w{name} {{");
                Line(indent + 2, $"log(w{name}.detail, k = w{name}.kind)");
                Inside(indent + 2, depth - 1);
                Line(indent + 2, Expr(GeneratedType.Text, 1));
                Line(indent, "}");
                _scope.Add((name, GeneratedType.Text, false));
                break;
            case 2:
                Line(indent, $"ask other.keep(t = {Expr(GeneratedType.Text, 1)}) within 1s else {{ return }}");
                break;
            case 3:
                Line(indent, $"n = ask consult({Expr(GeneratedType.Int, 1)}, {Expr(GeneratedType.Text, 1)})");
                break;
            case 4:
                Line(indent, $"ask other.keep(t = {Expr(GeneratedType.Text, 0)}) within 1s else w{name} {{");
                Inside(indent + 2, depth - 1);
                Line(indent, "}");
                break;
            default:
                Line(indent, $"for k{name}, {name} in [\"b\" => {Expr(GeneratedType.Int, 0)}, \"a\" => 7] {{");
                Line(indent + 2, $"let x{name} = ask other.number(a = {name}) within 1s else {{ continue }}");
                Line(indent + 2, $"log(k{name}, x = x{name}, v = {name})");
                Line(indent, "}");
                break;
        }
    }

    private void Json(int indent)
    {
        if (_random.Next(2) == 0)
        {
            Line(indent, $"publish(\"out/json\", json_response(200, {Expr(GeneratedType.R, 2)}).body)");
            return;
        }

        string name = "v" + _names++;
        string json = _random.Next(4) switch
        {
            0 => "\\{\\\"a\\\": 5, \\\"t\\\": \\\"x\\\"\\}",
            1 => "\\{\\\"t\\\": \\\"\\u{1F600}\\\", \\\"b\\\": -1.5e3, \\\"a\\\": 1\\}",
            2 => "\\{\\\"a\\\": 5.5, \\\"t\\\": 1\\}",
            _ => "\\{\\\"a\\\": ",
        };
        Line(indent, $"let {name} = json_decode(R, \"{json}\".to_bytes()) else w{name} {{");
        Line(indent + 2, $"log(w{name}.detail)");
        Line(indent + 2, Literal(GeneratedType.R));
        Line(indent, "}");
        _scope.Add((name, GeneratedType.R, false));
    }

    // A change of one element; the list may have fewer.
    private string ElementOf(string name) =>
        $"{name}[{Expr(GeneratedType.Int, 1)} & 1] {Pick("=", "+=", "-=")} {Expr(GeneratedType.Int, 1)}";
}
