using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>What an author declares may have the name of anything inside a bundle.</summary>
public sealed class NameTests
{
    [Fact]
    public void A_function_may_be_called_as_a_routine_of_the_library_is()
    {
        using var process = CompiledProcess.Start(
            """
            tars: 1
            module: text
            version: 1.0.0
            summary: Its function is text.copy, as is a routine of the library.

            functions:
              copy:
                with: { value: text }
                returns: text
                do: |
                  return "{value}!"

            state:
              last: text = ""

            handlers:
              ask keep:
                with: { value: text }
                do: |
                  last = copy(value)

            """);
        Assert.Null(process.Run([process.Event("ask keep", "[\"a\"]")]).Trap);
        Assert.Contains("last = \"a!\"", process.StateText());
    }
}
