using System.Text.Json;

namespace Fairlead.Server.Control;

/// <summary>The server's side of the control socket: one address that takes an <see cref="AdminCommand"/> and answers an <see cref="AdminAnswer"/>.</summary>
internal static class ControlEndpoints
{
    /// <summary>The only path.</summary>
    public const string Path = "/command";

    /// <summary>
    /// Branches requests of the control socket off before anything else sees them; on every other listener the branch does not exist.
    /// </summary>
    public static void UseControl(this IApplicationBuilder app) => app.MapWhen(ControlConnection.Carries, branch => branch.Run(AnswerAsync));

    private static async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path != Path || !HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        AdminCommand? command;
        try
        {
            command = await JsonSerializer.DeserializeAsync(http.Request.Body, ControlJson.Default.AdminCommand, http.RequestAborted);
        }
        catch (JsonException)
        {
            command = null; // A command line of another version.
        }

        var answer = command is null
            ? AdminAnswer.Refused(Commands.ExitCode.Usage, "The running server does not know this command; it may be of another version.")
            : await http.RequestServices.GetRequiredService<Administration>().RunAsync(command, http.RequestAborted);
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, answer, ControlJson.Default.AdminAnswer, http.RequestAborted);
    }
}
