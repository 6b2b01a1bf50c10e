<?php
/**
 * Plugin Name: Tollgate
 * Description: A paywall that counts article reads on the reader's own device. Puts Tollgate's tag on single posts, and says which are free or for subscribers only.
 * Version: 1.0.0
 * Requires at least: 6.0
 * Requires PHP: 7.4
 * License: MIT OR Apache-2.0
 *
 * One file: put it into wp-content/plugins, and Tollgate's built files into wp-content/tollgate. Settings > Tollgate; or, in wp-config.php,
 * which wins: define( 'TOLLGATE', array( 'limit' => '2', 'subscribe-url' => '/join?return={return_url}' ) );
 */

defined( 'ABSPATH' ) || exit;

/** The settings: name, label, default, and an example or a remark. Those from `site` on are the tag's attributes, without `data-`. */
const TOLLGATE_FIELDS = array(
	'script'        => array( 'Address of tollgate.js', '', 'Empty: wp-content/tollgate/tollgate.js of this site' ),
	'capability'    => array( 'Capability of subscribers', '', 'Users who have it read everything, such as read_premium; empty: none' ),
	'more'          => array( 'More settings (JSON)', '', '{"steps": [{"surface": "notice", "from": 2}, {"surface": "subscribe"}]}' ),
	'site'          => array( 'Name in storage', '', 'a-z, 0-9 and -; empty: the host name' ),
	'publication'   => array( 'Name for readers', '', 'Empty: what the pages say' ),
	'limit'         => array( 'Free articles', '3', '0 to 1000' ),
	'period'        => array( 'in each', 'month', 'day, week, month, year' ),
	'content'       => array( 'Text of an article (CSS selector)', '.entry-content', 'Most themes: .entry-content' ),
	'teaser'        => array( 'What stays readable', '3p', '3p (paragraphs), 20% or marker' ),
	'currency'      => array( 'Currency', 'USD', '' ),
	'plans'         => array( 'Plans', '', 'Monthly: 2.90/month | Annual access [best value]: 19.90/year' ),
	'benefits'      => array( 'Benefits', '', 'Every story | No advertisements [new]' ),
	'subscribe-url' => array( 'Where to subscribe', '', '/subscribe?plan={plan}&return={return_url} (without it nothing is gated)' ),
	'login-url'     => array( 'Where to log in', '', '/wp-login.php?redirect_to={return_url}' ),
);

/** What the custom field of a post may say; `metered` is what a post without it is. */
const TOLLGATE_RULES = array( 'metered', 'free', 'locked' );
const TOLLGATE_FIELD = 'tollgate_access';

/** One line of text as it was meant: not sanitize_text_field, which takes `%2F` out of addresses. What is printed is escaped where it is. */
function tollgate_clean( $value ) {
	return is_scalar( $value ) ? trim( preg_replace( '/[\x00-\x1f\x7f]+/', ' ', wp_check_invalid_utf8( (string) $value ) ) ) : '';
}

/** The settings in force: the constant's, else those of the page of settings, else the defaults. */
function tollgate_settings() {
	$stored   = get_option( 'tollgate' );
	$stored   = is_array( $stored ) ? $stored : array();
	$constant = defined( 'TOLLGATE' ) && is_array( TOLLGATE ) ? TOLLGATE : array();
	$settings = array();
	foreach ( TOLLGATE_FIELDS as $name => $field ) {
		$settings[ $name ] = tollgate_clean( $constant[ $name ] ?? $stored[ $name ] ?? $field[1] );
	}
	return $settings;
}

/** Whether this page is an article that readers come to. */
function tollgate_is_article() {
	$is = is_singular( 'post' ) && ! is_preview() && ! is_customize_preview() && ! post_password_required();
	if ( function_exists( 'amp_is_request' ) && amp_is_request() ) {
		$is = false;
	}
	// For other types of posts: add_filter( 'tollgate_is_article', fn( $is ) => $is || is_singular( 'story' ) );
	return (bool) apply_filters( 'tollgate_is_article', $is );
}

add_action(
	'wp_enqueue_scripts',
	function () {
		if ( ! tollgate_is_article() ) {
			return;
		}
		$settings = tollgate_settings();
		$script   = '' === $settings['script'] ? content_url( 'tollgate/tollgate.js' ) : $settings['script'];
		// Without a version behind it: the other files are found by this address, and caches know by themselves.
		wp_enqueue_script( 'tollgate', $script, array(), null, false ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters
		// A page for one user, which no cache may give to another: WordPress says so to those that listen, for who is logged in.
		if ( '' !== $settings['capability'] && is_user_logged_in() && current_user_can( $settings['capability'] ) ) {
			wp_add_inline_script(
				'tollgate',
				"(window.tollgate=window.tollgate||[]).push(function(gate){gate.setEntitlement({granted:true,grantReason:'SUBSCRIBER',tier:'subscriber'})});",
				'before'
			);
		}
	}
);

add_filter(
	'script_loader_tag',
	function ( $tag, $handle ) {
		if ( 'tollgate' !== $handle ) {
			return $tag;
		}
		// What plugins and proxies that put scripts together or off are told: this one is to run as it is, and now.
		$attributes = array( 'async' => 'async', 'data-cfasync' => 'false', 'data-no-optimize' => '1', 'data-no-defer' => '1', 'nowprocket' => 'nowprocket' );
		foreach ( array_slice( tollgate_settings(), 3 ) as $name => $value ) {
			if ( '' !== $value ) {
				$attributes[ 'data-' . $name ] = $value;
			}
		}
		$text = '';
		foreach ( $attributes as $name => $value ) {
			// Whatever is in it is text, ampersands too: esc_attr leaves what looks like an entity.
			$text .= ' ' . $name . '="' . htmlspecialchars( $value, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8' ) . '"';
		}
		// The script with an address, not the one before it.
		return preg_replace_callback(
			'/<script(?=[^>]*\ssrc=)/i',
			function ( $found ) use ( $text ) {
				return $found[0] . $text;
			},
			$tag,
			1
		);
	},
	10,
	2
);

add_action(
	'wp_head',
	function () {
		if ( ! tollgate_is_article() ) {
			return;
		}
		$rule = get_post_meta( get_queried_object_id(), TOLLGATE_FIELD, true );
		if ( in_array( $rule, TOLLGATE_RULES, true ) && 'metered' !== $rule ) {
			echo '<meta name="tollgate" content="' . esc_attr( $rule ) . '">' . "\n";
		}
		$more = json_decode( tollgate_settings()['more'] );
		if ( is_object( $more ) ) {
			// No `<` in it, so that no text ends the script.
			echo '<script type="application/json" data-tollgate-config>' . wp_json_encode( $more, JSON_HEX_TAG | JSON_HEX_AMP ) . "</script>\n";
		}
	},
	1
);

// The page of settings.

add_action(
	'admin_menu',
	function () {
		add_options_page( 'Tollgate', 'Tollgate', 'manage_options', 'tollgate', 'tollgate_page' );
	}
);

add_action(
	'admin_init',
	function () {
		register_setting(
			'tollgate',
			'tollgate',
			array(
				'type'              => 'array',
				'sanitize_callback' => function ( $given ) {
					$clean = array();
					foreach ( TOLLGATE_FIELDS as $name => $field ) {
						$clean[ $name ] = tollgate_clean( is_array( $given ) ? ( $given[ $name ] ?? '' ) : '' );
					}
					if ( '' !== $clean['more'] && ! is_object( json_decode( $clean['more'] ) ) ) {
						add_settings_error( 'tollgate', 'more', 'More settings: no JSON object; they are passed over.' );
					}
					return $clean;
				},
			)
		);
	}
);

function tollgate_page() {
	$settings = tollgate_settings();
	$constant = defined( 'TOLLGATE' ) && is_array( TOLLGATE ) ? TOLLGATE : array();
	echo '<div class="wrap"><h1>Tollgate</h1><form method="post" action="options.php">';
	settings_fields( 'tollgate' );
	echo '<table class="form-table" role="presentation">';
	foreach ( TOLLGATE_FIELDS as $name => list( $label, , $remark ) ) {
		printf(
			'<tr><th scope="row"><label for="tollgate-%1$s">%2$s</label></th><td><input class="large-text" id="tollgate-%1$s" name="tollgate[%1$s]" value="%3$s"%4$s aria-describedby="tollgate-%1$s-about"><p class="description" id="tollgate-%1$s-about">%5$s</p></td></tr>',
			esc_attr( $name ),
			esc_html( $label ),
			htmlspecialchars( $settings[ $name ], ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8' ), // phpcs:ignore WordPress.Security.EscapeOutput
			isset( $constant[ $name ] ) ? ' readonly' : '',
			esc_html( isset( $constant[ $name ] ) ? 'Set in wp-config.php' : $remark )
		);
	}
	echo '</table>';
	submit_button();
	echo '</form></div>';
}

// Free or locked: a box beside each post, kept in a custom field.

add_action(
	'add_meta_boxes_post',
	function () {
		add_meta_box( 'tollgate', 'Tollgate', 'tollgate_box', 'post', 'side' );
	}
);

function tollgate_box( $post ) {
	$now = get_post_meta( $post->ID, TOLLGATE_FIELD, true );
	wp_nonce_field( 'tollgate-' . $post->ID, 'tollgate_nonce' );
	echo '<label for="tollgate-access">Who may read it</label> <select id="tollgate-access" name="' . esc_attr( TOLLGATE_FIELD ) . '">';
	foreach ( array( 'metered' => 'As the meter says', 'free' => 'Everyone', 'locked' => 'Subscribers only' ) as $rule => $label ) {
		echo '<option value="' . esc_attr( $rule ) . '"' . selected( $now, $rule, false ) . '>' . esc_html( $label ) . '</option>';
	}
	echo '</select>';
}

add_action(
	'save_post_post',
	function ( $id ) {
		$nonce = isset( $_POST['tollgate_nonce'] ) ? sanitize_key( $_POST['tollgate_nonce'] ) : '';
		if ( ! wp_verify_nonce( $nonce, 'tollgate-' . $id ) || ! current_user_can( 'edit_post', $id ) || wp_is_post_revision( $id ) ) {
			return;
		}
		$rule = isset( $_POST[ TOLLGATE_FIELD ] ) ? sanitize_key( $_POST[ TOLLGATE_FIELD ] ) : '';
		if ( in_array( $rule, TOLLGATE_RULES, true ) && 'metered' !== $rule ) {
			update_post_meta( $id, TOLLGATE_FIELD, $rule );
		} else {
			delete_post_meta( $id, TOLLGATE_FIELD );
		}
	}
);

// Deleted in the list of plugins: nothing of it stays.

function tollgate_uninstall() {
	$sites = is_multisite() ? get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) : array( get_current_blog_id() );
	foreach ( $sites as $site ) {
		if ( is_multisite() ) {
			switch_to_blog( $site );
		}
		delete_option( 'tollgate' );
		delete_post_meta_by_key( TOLLGATE_FIELD );
		if ( is_multisite() ) {
			restore_current_blog();
		}
	}
}
register_uninstall_hook( __FILE__, 'tollgate_uninstall' );
