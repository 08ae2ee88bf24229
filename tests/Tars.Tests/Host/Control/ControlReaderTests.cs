using System.Text;
using Tars.Host.Control;
using Xunit;

namespace Tars.Tests.Host.Control;

/// <summary>What a client may say: a member of another type is never taken for one that is not there.</summary>
public sealed class ControlReaderTests
{
    private const string Subjects =
        "`revoke` wants one of `module` and `process`, and one of `device` and `publish`";

    [Theory]
    [InlineData("""{"id": 1, "op": "dead_drop", "letter": "1"}""", "`letter` has another type")]
    [InlineData("""{"id": 1, "op": "dead_deliver", "letter": 1.5}""", "`letter` has another type")]
    [InlineData("""{"id": 1, "op": "stop", "process": "1"}""", "`process` has another type")]
    [InlineData("""{"id": 1, "op": "stop", "process": null}""", "`process` has another type")]
    [InlineData("""{"op": "revoke", "module": "m", "process": "3", "device": "d"}""", "`process` has another type")]
    [InlineData("""{"op": "set", "param": "m.p", "value": "1", "for_ns": 1.5e30}""", "`for_ns` has another type")]
    [InlineData("""{"id": 1, "op": "swap", "grant_all": "no"}""", "`grant_all` has another type")]
    [InlineData("""{"id": 1, "op": "swap", "grant": [1]}""", "`grant` has another type")]
    [InlineData("""{"id": 1, "op": "swap", "gate": -5}""", "`gate` is a whole number from 1 to 100")]
    [InlineData("""{"id": 1, "op": "swap", "gate": 0}""", "`gate` is a whole number from 1 to 100")]
    [InlineData("""{"id": 1, "op": "swap", "gate": 101}""", "`gate` is a whole number from 1 to 100")]
    [InlineData("""{"id": 1, "op": "leave"}""", "no such `op`")]
    [InlineData("""{"id": 1}""", "no such `op`")]
    [InlineData("""{"op": "press"}""", "`press` wants `device`, the name of a button")]
    [InlineData("""{"op": "press", "device": "d", "down": 1}""", "`down` has another type")]
    [InlineData("""{"op": "ps", "op": "stop"}""", "`op` stands twice")]
    [InlineData("""{"op": "dead_drop", "letter": 1, "letter": 2}""", "`letter` stands twice")]
    [InlineData("""{"op": "dead_drop", "process": 1}""", "`dead_drop` takes no `process`")]
    [InlineData("""{"id": 1, "op": "stop", "proces": 2}""", "`stop` takes no `proces`")]
    [InlineData("""{"op": "ps", "later": {}}""", "`ps` takes no `later`")]
    [InlineData("""{"op": "ps", "after": -1}""", "`after` is a whole number from 0 on")]
    [InlineData("""{"op": "stop", "module": "m"}""", "`stop` takes no `module`")]
    [InlineData("""{"op": "revoke", "module": "m", "device": "d", "publish": "p"}""", Subjects)]
    [InlineData("""{"op": "revoke", "module": "m", "process": 1, "device": "d"}""", Subjects)]
    [InlineData("""{"op": "revoke", "device": "d"}""", Subjects)]
    [InlineData("""{"op": "set", "param": "p"}""", "`set` wants `param` and `value`")]
    [InlineData("""{"op": "set", "param": "p", "value": "1", "for_ns": 0}""", "`for_ns` is a whole number from 1 on")]
    [InlineData("""{"op": "set", "param": "p", "value": "1", "for_ns": -1}""", "`for_ns` is a whole number from 1 on")]
    [InlineData("""{"op": "swap", "probation_ns": -1}""", "`probation_ns` is a whole number from 0 on")]
    [InlineData("""[1]""", "a request is an object")]
    public void A_request_that_says_it_wrong_is_refused(string line, string reason)
    {
        Assert.Null(ControlReader.Read(Encoding.UTF8.GetBytes(line), out _, out string why));
        Assert.Equal(reason, why);
    }
}
