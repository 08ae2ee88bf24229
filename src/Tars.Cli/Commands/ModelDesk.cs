using System.CommandLine;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Evolution.Models;
using Tars.Evolution.Planning;
using Tars.Host.Models;
using Tars.Lang.Checking;

namespace Tars.Cli.Commands;

/// <summary>The options that name a model and what it may cost, and the planner that asks it.</summary>
/// <remarks>A key is read from the environment, never from the command line, and is in no file of a run.</remarks>
internal sealed class ModelDesk : IDisposable
{
    private const string KeyVariable = "TARS_MODEL_KEY";
    private const string Record = "exchanges.jsonl";
    private const int TimeoutDefault = 120;

    private readonly ModelSource _source = new();
    private readonly Options _options;
    private readonly string _folder;

    private ModelDesk(Options options, string folder)
    {
        _options = options;
        _folder = folder;
    }

    private sealed record Options(
        string? Model, string? Server, string? Prompt, long? Tokens, double? Money, string? Price, int Timeout);

    public bool IsNamed => _options.Model is not null;

    /// <summary>Hears how many characters a model has said; null for nobody.</summary>
    public Action<int>? Heard { get; set; }

    /// <summary>An option that means nothing without a model and was given, or null.</summary>
    public string? Given =>
        _options.Model is not null ? "--model"
        : _options.Server is not null ? "--model-url"
        : _options.Prompt is not null ? "--prompt"
        : _options.Tokens is not null ? "--tokens"
        : _options.Money is not null ? "--money"
        : _options.Price is not null ? "--price"
        : null;

    public void Dispose() => _source.Dispose();

    /// <summary>Adds the options to a command.</summary>
    /// <returns>Makes a desk of what was parsed, for a run in a folder.</returns>
    public static Func<ParseResult, string, ModelDesk> Define(Command command)
    {
        var model = new Option<string?>("--model")
        {
            Description = "Who is asked: ollama:NAME, openai:NAME or replay:FILE.",
            HelpName = "MODEL",
        };
        var server = new Option<string?>("--model-url") { Description = "Where it is.", HelpName = "URL" };
        var prompt = new Option<string?>("--prompt")
        {
            Description = "A template in the place of the usual one (docs/evolution.md).",
            HelpName = "FILE",
        };
        var tokens = NumberOption.Whole(
            "--tokens", "Tokens that may be used; else what `evolution` says.", 0, long.MaxValue);
        var money = NumberOption.Amount("--money", "Money that may be spent; wants --price.");
        var price = new Option<string?>("--price")
        {
            Description = "Of a million tokens of prompts, and of answers.",
            HelpName = "IN,OUT",
        };
        price.Validators.Add(result =>
        {
            if (result.GetValue(price) is { } text && Prices(text) is null)
            {
                result.AddError("--price is two numbers: 0.5,1.5");
            }
        });
        var timeout = NumberOption.Whole(
            "--model-timeout", "Seconds that one answer may take.", 1, 86_400, TimeoutDefault);
        foreach (var option in new Option[] { model, server, prompt, tokens, money, price, timeout })
        {
            command.Add(option);
        }

        return (parsed, folder) => new ModelDesk(
            new Options(
                parsed.GetValue(model),
                parsed.GetValue(server),
                parsed.GetValue(prompt),
                parsed.GetValue(tokens),
                parsed.GetValue(money),
                parsed.GetValue(price),
                parsed.GetValue(timeout)!.Value),
            folder);
    }

    /// <summary>Null after the user was told why there is none.</summary>
    /// <param name="otherwise">Who takes over when the model is of no use.</param>
    public IPlanner? Planner(CheckedEvolution evolution, IPlanner otherwise, Terminal terminal)
    {
        if (_options.Model is not { } named)
        {
            return Fail("--planner llm wants --model", terminal);
        }

        if (_options is { Money: not null, Price: null })
        {
            return Fail("--money wants --price: what a token costs is for you to say", terminal);
        }

        string template = "";
        if (_options.Prompt is { } file)
        {
            if (InputFile.Read("evolve", file, terminal) is not { } octets)
            {
                return null;
            }

            template = Encoding.UTF8.GetString(octets);
            if (ModelPrompt.WhyNot(template) is { Length: > 0 } wrong)
            {
                return Fail($"{file}: {wrong}", terminal);
            }
        }

        var model = _source.Open(
            named.StartsWith("replay:", StringComparison.Ordinal)
                ? "replay:" + terminal.FullPath(named["replay:".Length..])
                : named,
            _options.Server,
            Environment.GetEnvironmentVariable(KeyVariable),
            Path.Combine(_folder, Record),
            TimeSpan.FromSeconds(_options.Timeout),
            said => Heard?.Invoke(said),
            told => terminal.Error.WriteLine($"tarscli: {Printable.Of(named)}: {told}"),
            out string why);
        var (promptPrice, answerPrice) = Prices(_options.Price ?? "0,0") ?? (0, 0);
        var budget = new ModelBudget(
            _options.Tokens ?? evolution.Budget.Tokens, _options.Money, promptPrice, answerPrice);
        return model is null
            ? Fail($"--model {named}: {why}", terminal)
            : new ModelPlanner(model, budget, template, otherwise);
    }

    private static (double Prompt, double Answer)? Prices(string text) =>
        text.Split(',') is [var first, var second]
            && double.TryParse(first, NumberStyles.Float, CultureInfo.InvariantCulture, out double prompt)
            && double.TryParse(second, NumberStyles.Float, CultureInfo.InvariantCulture, out double answer)
            && 0 <= prompt && 0 <= answer && double.IsFinite(prompt + answer)
            ? (prompt, answer)
            : null;

    private static IPlanner? Fail(string why, Terminal terminal)
    {
        terminal.Error.WriteLine($"tarscli: {Printable.Of(why)}");
        return null;
    }
}
