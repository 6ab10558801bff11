//! `POST /login/passkey`: a session for who has a passkey, which tells by itself whose it is.

use app::AppError;
use app::context::RequestContext;
use app::passkeys::Purpose;
use axum::Extension;
use axum::response::Response;
use db::queries::sign_in::{self, Login};

use super::proof::{self, REFUSED, once};
use crate::accounts::known;
use crate::accounts::leave::not_open;
use crate::accounts::visit::{Taken, answered, begin_session_as, go_on, next};
use crate::fields::Fields;

const PATH: &str = "/login";

pub(crate) async fn sign_in(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_sign_in(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_sign_in(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let refused = |why: &str| Ok(Err(fields.state().refused(why)));
    let proof = match proof::take(context, fields, Purpose::SignIn, None).await? {
        Ok(proof) => proof,
        Err(why) => return refused(why),
    };
    let user_id = proof.passkey.user_id;
    let begun = begin_session_as(context, user_id, proof.event).await;
    let cookie = match once(begun)? {
        Ok(Some(cookie)) => cookie,
        Ok(None) => {
            let user = sign_in::find(&context.db()?, Login::User(user_id)).await?;
            return match user {
                Some(user) => Ok(not_open(context, fields, &user)),
                None => refused(REFUSED),
            };
        }
        Err(why) => return refused(why),
    };
    let mut response = go_on(next(fields), Some(cookie));
    known::remember(context, user_id, &mut response);
    Ok(Ok(response))
}
